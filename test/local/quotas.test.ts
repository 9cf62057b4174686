import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { api, eventually, novacron } from './plane.ts';

/** A project's bound against a real table: 50 creates at once race for three places, by a token of the project. */
const id = `shop-${Date.now().toString(36).slice(-5)}`;
const PLACES = 3;
let token = '';
let tokenId = '';
const asShop = () => ({ authorization: `Bearer ${token}` });
const vmsCounted = async (): Promise<number> => (await api('GET', `/v1/projects/${id}`)).json.vms;

/** What an overloaded plane answers is no answer: asked again by the same key, as every honest client does. */
const create = async (name: string): Promise<{ status: number; code?: string; vmId?: string }> => {
  const body = { name, provider: 'ec2', image: 'al2023', size: 'small' };
  for (;;) {
    const { status, json } = await api('POST', '/v1/vms', body, { ...asShop(), 'idempotency-key': `${id}-${name}` });
    if (status === 202 || json.code === 'ProjectFull') return { status, code: json.code, vmId: json.vmId };
    expect([409, 429, 500, 502, 503, 504], JSON.stringify(json)).toContain(status);
    await new Promise((wake) => setTimeout(wake, 300));
  }
};

beforeAll(async () => {
  expect((await api('POST', '/v1/projects', { id })).status).toBe(201);
  const bounded = await novacron('project', 'quota', id, '--max-vms', String(PLACES));
  expect(bounded.code, bounded.stderr).toBe(0);
  const made = await api('POST', '/v1/tokens', { name: id, role: 'operator' }, { 'novacron-project': id });
  token = made.json.token;
  tokenId = made.json.id;
});

describe('a project with three places', () => {
  let taken: string[] = [];

  it('gives them to three of 50 creates at once', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => create(`web-${index}`)));
    taken = answers.flatMap(({ vmId }) => vmId ?? []);
    expect(new Set(taken).size).toBe(PLACES);
    expect(answers.filter(({ code }) => code === 'ProjectFull')).toHaveLength(50 - PLACES);
    expect(await vmsCounted()).toBe(PLACES);
  });

  it('gives a place back with the end of each delete', async () => {
    for (const vmId of taken) {
      await eventually(`${vmId} is up`, 90, async () => {
        const { json } = await api('GET', `/v1/vms/${vmId}`, undefined, asShop());
        return json.state === 'running' && json;
      });
      expect((await api('DELETE', `/v1/vms/${vmId}?purge=true`, undefined, asShop())).status).toBe(202);
    }
    await eventually('all places are free', 60, async () => (await vmsCounted()) === 0);
  });
});

afterAll(async () => {
  await api('DELETE', `/v1/tokens/${tokenId}`, undefined, { 'novacron-project': id });
  expect((await api('DELETE', `/v1/projects/${id}`)).status).toBe(204);
});
