import type { Me } from '../api.ts';
import { apiClient } from '../api-client.ts';
import type { LonelyVerb } from '../command-tree.ts';
import { UsageError } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { configPath, readConfig, storeProfile } from '../profile.ts';

interface LoginOptions {
  readonly profile: string;
  readonly url?: string;
  readonly project?: string;
  readonly token?: string;
  readonly aws?: true;
  readonly awsProfile?: string;
  readonly region?: string;
}

const urlOf = (io: Io, { url, profile }: LoginOptions): string => {
  const known = url ?? io.env.NOVACRON_URL ?? readConfig(io.env).profiles[profile]?.url;
  if (known === undefined) throw new UsageError('say which plane: --url <API URL>');
  if (!/^https?:\/\/[^/]/.test(known))
    throw new UsageError(`--url is the API's URL, such as https://….amazonaws.com; not ${known}`);
  return known.replace(/\/+$/, '');
};

const byAws = async (io: Io, url: string, { awsProfile, region }: LoginOptions): Promise<string> => {
  const { regionOf, signedHeaders } = await import('../aws-identity.ts');
  const where = region ?? regionOf(url) ?? io.env.AWS_REGION;
  if (where === undefined) throw new UsageError('say the Region of the plane: --region');
  const headers = await signedHeaders(url, where, awsProfile);
  const answer = await apiClient({ url, signal: io.interrupted }).call('POST /v1/token', { headers });
  return answer.token;
};

/** `login`: stores a profile only once the plane knows its token. */
export const login: LonelyVerb<LoginOptions> = async (io, _args, options) => {
  const url = urlOf(io, options);
  const given = options.token ?? io.env.NOVACRON_TOKEN;
  if (!options.aws && given === undefined) throw new UsageError('say how: --token <token|@file> or --aws');
  const token = options.aws ? await byAws(io, url, options) : (given ?? '').trim();
  const project = options.project ?? readConfig(io.env).profiles[options.profile]?.project;
  const me: Me = await apiClient({ url, token, project, signal: io.interrupted }).call('GET /v1/me');
  storeProfile(io.env, options.profile, { url, token, ...(project === undefined ? {} : { project }) });
  io.stdout.write(`${me.name} (${me.role} in ${me.project}) at ${url}\n`);
  io.stderr.write(`Stored as profile ${options.profile} in ${configPath(io.env)}; it is the current one.\n`);
  return undefined;
};
