import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { CliError, EXIT } from './exit-codes.ts';
import type { Io } from './io.ts';
import { didYouMean } from './suggest.ts';

/** Which plane to talk to and with which token; `source` says where that stood. */
export interface Plane {
  readonly url: string;
  readonly token: string | undefined;
  /** Which project to act in, where that is said. */
  readonly project?: string | undefined;
  readonly source: string;
  /** The plane that `npm start` runs beside this very package. */
  readonly local: boolean;
}

interface Profile {
  readonly url: string;
  readonly project?: string;
}

/** ~/.config/novacron/config.json: no secrets in it. Tokens lie beside it in tokens.json, mode 0600. */
export interface Config {
  readonly current?: string;
  readonly profiles: Readonly<Record<string, Profile>>;
}

/** The name under which the plane of `npm start` can always be asked for. */
export const LOCAL = 'local';

const folder = (env: Io['env']): string =>
  join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config'), 'novacron');
export const configPath = (env: Io['env']): string => join(folder(env), 'config.json');
const tokensPath = (env: Io['env']): string => join(folder(env), 'tokens.json');
/** What `npm start` writes; NOVACRON_HOME is where a second plane of the same clone lives. */
const localPath = (env: Io['env']): string =>
  join(env.NOVACRON_HOME || join(import.meta.dirname, '..', '.novacron'), 'local.json');

const readJson = (path: string): Record<string, unknown> | undefined => {
  if (!existsSync(path)) return undefined;
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    // Any JSON object is a record of unknowns.
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch (cause) {
    throw new CliError(`${path} cannot be read as JSON.`, { next: 'Repair or remove the file.', cause });
  }
  throw new CliError(`${path} does not hold a JSON object.`, { next: 'Repair or remove the file.' });
};

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** The stored profiles; none where nobody logged in yet. */
export const readConfig = (env: Io['env']): Config => {
  const raw = readJson(configPath(env)) ?? {};
  const listed = typeof raw.profiles === 'object' && raw.profiles !== null ? raw.profiles : {};
  const profiles: Record<string, Profile> = {};
  for (const [name, profile] of Object.entries(listed)) {
    const url = textOf(Object(profile).url);
    const project = textOf(Object(profile).project);
    if (url !== undefined) profiles[name] = { url, ...(project === undefined ? {} : { project }) };
  }
  const current = textOf(raw.current);
  return { profiles, ...(current === undefined ? {} : { current }) };
};

/** Replaces the file in one move, so that a reader or a crash never meets half of it. */
const write = (path: string, value: unknown, mode: number): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(value, null, 2)}\n`, { mode });
  renameSync(draft, path);
};

/** Stores a profile and its token and makes it the current one. */
export const storeProfile = (
  env: Io['env'],
  name: string,
  { token, ...profile }: Profile & { token: string },
): void => {
  const { profiles } = readConfig(env);
  write(configPath(env), { current: name, profiles: { ...profiles, [name]: profile } }, 0o644);
  write(tokensPath(env), { ...readJson(tokensPath(env)), [name]: token }, 0o600);
};

const localPlane = (env: Io['env']): Plane | undefined => {
  const path = localPath(env);
  const state = readJson(path);
  const url = textOf(state?.url);
  return url === undefined ? undefined : { url, token: textOf(state?.token), source: path, local: true };
};

const stored = (env: Io['env'], name: string): Plane => {
  const { profiles } = readConfig(env);
  const profile = profiles[name];
  if (profile !== undefined) {
    const token = textOf(readJson(tokensPath(env))?.[name]);
    return { ...profile, token, source: `profile ${name}`, local: false };
  }
  const local = name === LOCAL ? localPlane(env) : undefined;
  if (local !== undefined) return local;
  throw new CliError(`There is no profile ${name}.${didYouMean(name, Object.keys(profiles))}`, {
    next: name === LOCAL ? 'Start the local plane: npm start' : `novacron login --profile ${name} --url <API URL>`,
    exitCode: EXIT.usage,
  });
};

/** Finds the plane: --profile, then NOVACRON_URL (with NOVACRON_TOKEN), then the current profile, then the local plane. */
export const findPlane = (env: Io['env'], profile: string | undefined): Plane => {
  const project = textOf(env.NOVACRON_PROJECT);
  if (profile !== undefined) {
    const plane = stored(env, profile);
    return { ...plane, project: plane.project ?? project };
  }
  const url = textOf(env.NOVACRON_URL);
  if (url !== undefined)
    return { url, token: textOf(env.NOVACRON_TOKEN), project, source: 'NOVACRON_URL', local: false };
  const { current } = readConfig(env);
  const plane = current === undefined ? localPlane(env) : stored(env, current);
  if (plane !== undefined) {
    return { ...plane, token: textOf(env.NOVACRON_TOKEN) ?? plane.token, project: project ?? plane.project };
  }
  throw new CliError('It is not known which plane to talk to.', {
    next: 'Start a local one (npm start), log in (novacron login --url <API URL>), or set NOVACRON_URL and NOVACRON_TOKEN.',
  });
};
