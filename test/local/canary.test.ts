import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { beforeAll, describe, expect, it } from 'vitest';
import { filesBelow, leaksOf, shapesIn, type Written } from '../support/leaks.ts';
import { access, api, eventually, HOME, novacron, plane } from './plane.ts';

/**
 * Secrets are planted through the API as people plant them; then all that the plane has written is searched: rows, logs,
 * histories of state machines, commands and their outputs, templates, environments, mails, files of hosts and agents.
 */
const mark = Date.now().toString(36).slice(-6);
const BIRD = `canary${mark}Bird`;
const userData = (provider: string): string => `#cloud-config\npassword: ${BIRD}${provider}UserData\n`;

const SERVICE = `http://127.0.0.1:${plane.port}`;
const ssm = new SSMClient({
  endpoint: SERVICE,
  region: plane.region,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

/** Where secrets lie because that is their place, by their path in the plane's home. */
const KEPT: readonly (readonly [path: RegExp, why: string])[] = [
  [/^local\.json$/, 'the token of whoever ran `npm start`'],
  [/^state\/ministack\/(cognito|kms|iam)/, 'the issuer’s, KMS’s and IAM’s own'],
  [/^state\/ministack\/ssm\.json$/, 'Systems Manager’s own: SecureStrings'],
  [/^state\/parts\/ssm\.state$/, 'Systems Manager’s own: activations, and the command that enrols a host'],
  [/^state\/(ministack\/ec2\.json|parts\/ec2\.state)$/, 'EC2’s own: the user-data of an instance'],
  [/^agents\/[^/]+\/registration\.json$/, 'an agent’s own key'],
  [/^hosts\/[^/]+\/novacron-etc\/[^/]+\/token$/, 'the token of a host, on this host'],
];

const isKept = (path: string): boolean => KEPT.some(([kept]) => kept.test(path));

const ended = (id: string) =>
  eventually(`${id} ends`, 60, async () => {
    const { json } = await api('GET', `/v1/operations/${id}`);
    return ['succeeded', 'failed', 'cancelled'].includes(json.state) ? json : undefined;
  });

const create = async (provider: string, more: object): Promise<void> => {
  const name = `canary-${mark}-${provider}`;
  const asked = await api('POST', '/v1/vms', {
    name,
    provider,
    userData: userData(provider),
    ready: 'running',
    ...more,
  });
  expect(asked.status, JSON.stringify(asked.json)).toBe(202);
  expect(await ended(asked.json.id)).toMatchObject({ state: 'succeeded' });
  const deleted = await novacron('vm', 'delete', name, '--yes', '--purge');
  expect(deleted.code, deleted.stderr).toBe(0);
};

/** A line for a machine that never comes: its token and its activation code. */
const enrol = async (): Promise<readonly [token: string, code: string]> => {
  const { status, json } = await api('POST', '/v1/hosts/enrol', { name: `canary-${mark}` });
  expect(status, JSON.stringify(json)).toBe(202);
  const [, token = ''] = /Bearer (nc_[\w-]+)/.exec(json.command) ?? [];
  const [, code = ''] = /--activation-code (\S+)/.exec(json.command) ?? [];
  await api('POST', `/v1/operations/${json.operation.id}/cancel`);
  await ended(json.operation.id);
  expect((await api('POST', `/v1/hosts/${json.host.id}/actions/retire`)).status).toBe(200);
  return [token, code];
};

const parameter = async (Name: string): Promise<string> => {
  const found = await ssm.send(new GetParameterCommand({ Name, WithDecryption: true })).catch(() => undefined);
  return found?.Parameter?.Value ?? '';
};

/** A call of CloudWatch Logs, for which nothing here needs a client otherwise. */
const logs = async <T>(call: string, input: object): Promise<T> => {
  const reply = await fetch(SERVICE, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `Logs_20140328.${call}`,
      authorization: `AWS4-HMAC-SHA256 Credential=test/20261125/${plane.region}/logs/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(input),
  });
  return (await reply.json()) as T; // the service's shape, of which two fields are read
};

/** What functions have logged since then; the files of the plane have it only after a minute. */
async function* loggedSince(startTime: number): AsyncGenerator<Written> {
  const { logGroups } = await logs<{ logGroups: { logGroupName: string }[] }>('DescribeLogGroups', { limit: 50 });
  for (const { logGroupName } of logGroups) {
    const found = await logs<{ events?: object[] }>('FilterLogEvents', { logGroupName, startTime, limit: 10_000 });
    yield { place: `log ${logGroupName}`, data: Buffer.from(JSON.stringify(found.events ?? [])) };
  }
}

/** The plane's home has all that was done until now. */
const saved = (): Promise<unknown> => {
  const now = Date.now() / 1000;
  return eventually(
    'the plane is saved',
    30,
    async () => Number(readFileSync(join(HOME, 'state/parts/saved'), 'utf8')) > now,
  );
};

describe('secrets', () => {
  const secrets: Record<string, string> = {};
  let logged: Written[];

  beforeAll(async () => {
    const begun = Date.now();
    const [[installToken, activationCode], made] = await Promise.all([
      enrol(),
      api('POST', '/v1/tokens', { name: `canary-${mark}`, role: 'viewer' }),
      create('ec2', { image: 'al2023', size: 'small' }),
      create('kvm', { image: 'test', vcpus: 1, memoryMiB: 160, kvm: { host: 'h1' } }),
    ]);
    await api('DELETE', `/v1/tokens/${made.json.id}`);
    const hostTokens = [...filesBelow(HOME, (path) => !/\/novacron-etc\/[^/]+\/token$/.test(path))];
    Object.assign(secrets, {
      'user-data of EC2': `${BIRD}ec2UserData`,
      'user-data of KVM': `${BIRD}kvmUserData`,
      'a token of the API': made.json.token,
      'the token of an install line': installToken,
      'an activation code': activationCode,
      'the local admin’s token': access.token,
      ...Object.fromEntries(hostTokens.map(({ place, data }) => [`the token of ${place}`, data.toString().trim()])),
    });
    const signingKey = (await parameter(`/novacron/${access.installation}/audit-key`)).split('\n')[1];
    if (signingKey) secrets['the key that signs the audit’s heads'] = signingKey;
    await saved();
    logged = await Array.fromAsync(loggedSince(begun));
  });

  it('are planted, and the search finds them where their place is', () => {
    expect(Object.values(secrets).filter((secret) => secret.length < 10)).toEqual([]);
    expect(Object.keys(secrets).length).toBeGreaterThan(6);
    const kept = leaksOf(
      filesBelow(HOME, (path) => !isKept(path)),
      secrets,
    );
    expect(kept.filter((leak) => leak.startsWith('local.json'))).not.toEqual([]);
    // Base64, as EC2 keeps it.
    expect(kept.filter((leak) => leak.endsWith('user-data of EC2'))).not.toEqual([]);
  });

  it('stand nowhere else: not in rows, histories, commands, outputs, mails, templates, nor files of hosts', () => {
    expect(leaksOf(filesBelow(HOME, isKept), secrets)).toEqual([]);
  });

  it('are in no log', () => {
    expect(logged.length).toBeGreaterThan(20);
    expect(leaksOf(logged, secrets)).toEqual([]);
    expect(shapesIn(logged)).toEqual([]);
  });

  it('and nothing that looks like one has been left by any other test', () => {
    expect(shapesIn(filesBelow(HOME, isKept))).toEqual([]);
  });
});
