import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { CLOSED, ec2Vm, kvmVm, prefixOf } from './asked-vms.ts';
import { api, eventually } from './plane.ts';

/** Many operations asked for in one breath end right: each VM once, none lost, none left over. */
interface OperationView {
  readonly id: string;
  readonly state: string;
  readonly vmId: string;
  readonly error?: { name: string; detail: string };
}
interface VmView {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly providerId?: string;
  readonly location: { hostName?: string };
}

const ask = async (method: string, path: string, body?: unknown): Promise<OperationView> => {
  // one key for all tries, as every honest client has it: what a lost answer has begun is not begun again
  const key = { 'idempotency-key': randomUUID() };
  for (;;) {
    const reply = await api(method, path, body, key);
    if (reply.status === 202) return reply.json;
    // what the gateway and Lambda's concurrency limit answer is part of the contract: slow down, ask again
    expect([429, 500, 502, 503, 504], JSON.stringify(reply.json)).toContain(reply.status);
    await new Promise((wake) => setTimeout(wake, 500));
  }
};

/** Every row of a list. One reader for all that is waited for: a poll an operation would be a load test of its own. */
const all = async <T>(path: string, filter: string): Promise<T[]> => {
  const items: T[] = [];
  for (let cursor = ''; ; ) {
    const { json, status } = await api(
      'GET',
      `${path}?limit=100&filter=${encodeURIComponent(filter)}${cursor && `&cursor=${cursor}`}`,
    );
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(json)}`);
    items.push(...json.items);
    if (!json.cursor) return items;
    cursor = encodeURIComponent(json.cursor);
  }
};

const allEnded = (kind: string, asked: readonly OperationView[], seconds: number): Promise<OperationView[]> => {
  const ids = new Set(asked.map(({ id }) => id));
  return eventually(`${asked.length} × ${kind} end`, seconds, async () => {
    await new Promise((wake) => setTimeout(wake, 2000));
    const operations = await all<OperationView>('/v1/operations', `kind=${kind}`).catch(() => []);
    const ours = operations.filter(({ id, state }) => ids.has(id) && CLOSED.includes(state));
    return ours.length === ids.size ? ours : undefined;
  });
};

const createAndDelete = async (bodies: readonly Record<string, unknown>[], prefix: string, seconds: number) => {
  const asked = await Promise.all(bodies.map((body) => ask('POST', '/v1/vms', body)));
  const created = await allEnded('create-vm', asked, seconds);
  expect(created.filter(({ state }) => state !== 'succeeded').map(({ error }) => error)).toEqual([]);
  const vms = await all<VmView>('/v1/vms', `name~${prefix}&state=running`);
  expect(vms).toHaveLength(bodies.length);
  expect(new Set(vms.map(({ providerId }) => providerId)).size).toBe(bodies.length);
  const deletes = await Promise.all(vms.map(({ id }) => ask('DELETE', `/v1/vms/${id}?purge=true`)));
  const deleted = await allEnded('delete-vm', deletes, seconds);
  expect(deleted.filter(({ state }) => state !== 'succeeded').map(({ error }) => error)).toEqual([]);
  return vms;
};

const prefix = prefixOf('many');

afterAll(async () => {
  const left = await all<VmView>('/v1/vms', `name~${prefix}`);
  await Promise.all(left.map(({ id }) => api('DELETE', `/v1/vms/${id}?purge=true`)));
});

describe('many at once', () => {
  it('creates and deletes 100 EC2 VMs asked for at once', { timeout: 900_000 }, async () => {
    const bodies = Array.from({ length: 100 }, (_, index) => ec2Vm(`${prefix}-e${index}`));
    await createAndDelete(bodies, `${prefix}-e`, 400);
  });

  it('creates and deletes 20 KVM VMs asked for at once on two hosts', { timeout: 900_000 }, async () => {
    const bodies = Array.from({ length: 20 }, (_, index) => ({
      ...kvmVm(`${prefix}-k${index}`),
      kvm: { hostTags: { lab: 'yes' } },
    }));
    const vms = await createAndDelete(bodies, `${prefix}-k`, 400);
    expect(new Set(vms.map(({ location }) => location.hostName)).size).toBe(2);
  });
});
