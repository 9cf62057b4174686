import { readdirSync, readFileSync } from 'node:fs';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AuditEntry } from '../../../lambdas/domain/audit-entry.ts';
import { checkChain } from '../../../lambdas/domain/chain-check.ts';
import { handler as reclaim } from '../../../lambdas/schedules/reclaim-retained.ts';
import * as chain from '../../../lambdas/store/chain.ts';
import * as heads from '../../../lambdas/store/heads.ts';
import * as hosts from '../../../lambdas/store/hosts.ts';
import * as images from '../../../lambdas/store/images.ts';
import * as opens from '../../../lambdas/store/opens.ts';
import * as operations from '../../../lambdas/store/operations.ts';
import * as table from '../../../lambdas/store/table.ts';
import * as vms from '../../../lambdas/store/vms.ts';
import { type Item, toRow } from '../../../lambdas/store/write.ts';
import { call, insertHost, insertImage, insertVm, newHost, newImage, newVm, signIn } from '../../support/api.ts';
import { leaves } from '../../support/audited.ts';
import { Bucket } from '../../support/bucket.ts';
import { casesOr, replayOf, SEED } from '../../support/cases.ts';
import { aSpec } from '../../support/kvm.ts';
import { Parameters } from '../../support/parameters.ts';
import { Random } from '../../support/random.ts';
import { StateTable } from '../../support/state-table.ts';
import { anOperation } from '../../support/world.ts';
import { deleteProject, fill, INSTALLATIONS_KINDS, PROJECTS_KINDS, type Tenant } from './tenant.ts';

/** Erasures that die on their way. More by NOVACRON_CASES. */
const CASES = casesOr(100);
// A call that dies is tried again after a pause, which would make a story minutes long.
vi.mock('node:timers/promises', () => ({ setTimeout: async () => undefined }));

/** More deaths than any run of these comes to. */
const MOST_RUNS = 2_000;

const hoursAgo = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();

let coldStarts = 0;

/** The state table, the bucket that user-data lies in, and a function that may die at each of its calls. */
class World {
  readonly state = new StateTable();
  readonly heads = new Bucket();
  readonly parameters = new Parameters();
  /** Ids of VMs whose user-data is there. */
  readonly userData = new Set<string>();
  mayDie: () => void = () => undefined;

  constructor() {
    this.state.beforeTransaction = () => this.mayDie();
    this.state.afterTransaction = () => this.mayDie();
    this.state.mock.on(ScanCommand).callsFake(({ ExclusiveStartKey }) => {
      this.mayDie();
      return this.state.scan(ExclusiveStartKey);
    });
    const heads = fetch;
    vi.stubGlobal('fetch', async (url: URL, init: RequestInit) => {
      this.mayDie();
      const { method } = init;
      if (url.host.startsWith('audit-bucket.')) return heads(url, init);
      if (method !== 'DELETE') throw new Error(`${method} ${url}`);
      this.userData.delete(url.pathname.replace('/user-data/', ''));
      return new Response(null, { status: 204 });
    });
  }

  /** Every row with its keys, as text, by key: what can be compared. */
  rows(): Map<string, string> {
    return new Map([...this.state.rows].map(([key, row]) => [key, JSON.stringify(row)]));
  }

  /** Signs the chains, as a function that starts cold and knows nothing of another world's: a module of its own, of the same file. */
  async sign(): Promise<Record<string, number>> {
    coldStarts += 1;
    const file = `../../../lambdas/schedules/sign-audit.ts?start=${coldStarts}`;
    const fresh: typeof import('../../../lambdas/schedules/sign-audit.ts') = await import(/* @vite-ignore */ file);
    return fresh.handler();
  }

  /** The stream's consumer: carries what is in the outbox to the chains. */
  async chainAudit(): Promise<void> {
    await chain.append(this.state.of('audit').map((row) => toRow<AuditEntry>(row)));
  }
}

let world: World;
beforeEach(async () => {
  // Rows that nobody asked for, of VMs that are on no host.
  leaves(
    'NameWithoutHolder',
    'CloneWithoutVm',
    'EndNotTold',
    'OperationUnswept',
    'OperationOverdue',
    'ProjectMiscounted',
    'ProjectDeleted',
  );
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  world = new World();
  await insertHost(newHost());
  await insertImage(newImage());
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

const isShops = (row: Item): boolean =>
  row.entity !== 'audit' && (row.project === 'shop' || String(row.pk).startsWith('p#shop#'));

/** Two tenants and `default` with everything there is, the first of them deleted. */
const settle = async (random: Random): Promise<readonly Tenant[]> => {
  const tenants = ['shop', 'shop-2', 'default'].map((project, index) => {
    const word = ['canaryshop', 'canarybank', 'canarydefault'][index] ?? '';
    return { project, word, count: random.whole(1, index === 0 ? 20 : 5) };
  });
  for (const tenant of tenants) await fill(tenant, hoursAgo(3));
  for (const { id } of world.state.of('vm')) if (random.chance(0.5)) world.userData.add(String(id));
  await deleteProject('shop', hoursAgo(2));
  return tenants;
};

/** Runs it again and again until it comes to its end. @returns how often it died */
const eraseWithDeaths = async (random: Random, probability: number): Promise<number> => {
  let deaths = 0;
  let dead = false;
  world.mayDie = () => {
    if (!dead && !random.chance(probability)) return;
    if (!dead) deaths += 1;
    dead = true;
    throw new Error('killed');
  };
  for (let run = 0; run < MOST_RUNS; run += 1) {
    dead = false;
    const { erased } = await reclaim().catch(() => ({ erased: 0 }));
    const [entry] = world.state.of('audit').filter(({ action }) => action === 'erase-project');
    if (erased === 1 || entry) {
      world.mayDie = () => undefined;
      return deaths;
    }
  }
  throw new Error('never came to its end');
};

const erasures = () => world.state.of('audit').filter(({ action }) => action === 'erase-project');

/** One case, from full to erased. @returns how often the function died */
const story = async (seed: number): Promise<number> => {
  const random = new Random(seed);
  await settle(random);
  await world.chainAudit();
  await world.sign();
  // A pass that finds nothing begins anew where it dies: through pages of one row no run would ever get.
  world.state.scanned = random.whole(3, 60);
  const before = world.rows();
  const chains = new Map([...world.state.audit].map(([key, row]) => [key, JSON.stringify(row)]));
  const shops = [...world.state.rows.values()].filter(isShops);
  const signed = world.heads.versions.map(({ text }) => text);

  const deaths = await eraseWithDeaths(random, random.pick([0, 0.05, 0.2]));

  const after = world.rows();
  const left = [...world.state.rows.values()].filter((row) => row.entity !== 'audit');
  expect(left.filter(isShops)).toEqual([]);
  expect(left.filter((row) => JSON.stringify(row).includes('canaryshop'))).toEqual([]);
  expect([...world.userData].filter((id) => id.includes('canaryshop'))).toEqual([]);
  for (const [key, row] of before) {
    if (shops.some(({ pk, sk }) => key === `${pk}\n${sk}`)) continue;
    if (key === 'project\nshop') expect(JSON.parse(after.get(key) ?? '')).toMatchObject({ id: 'shop', live: false });
    else expect(after.get(key), key).toBe(row);
  }
  const counts = Map.groupBy(shops, ({ entity = 'pace' }) => String(entity));
  const removed = Object.fromEntries([...counts].map(([kind, rows]) => [kind, rows.length]));
  expect(erasures()).toMatchObject([{ subject: 'shop', outcome: 'done', after: { removed } }]);
  expect(after.size).toBe(before.size - shops.length + 1);

  for (const [key, row] of chains) expect(JSON.stringify(world.state.audit.get(key)), key).toBe(row);
  await world.chainAudit();
  expect((await world.sign()).broken).toBe(0);
  expect(world.heads.versions.map(({ text }) => text)).toEqual(expect.arrayContaining(signed));
  const { items } = await heads.page('shop', { limit: 100 });
  const verdict = await checkChain(chain.from('shop', 1), { project: 'shop', heads: items, keys: await heads.keys() });
  expect(verdict).toMatchObject({ faults: [], sealed: verdict.entries });
  expect(verdict.entries).toBeGreaterThan(0);
  return deaths;
};

describe('a project that is deleted', () => {
  it(`leaves nothing but its id and its audit chain, wherever its erasing dies, in ${CASES} cases`, async () => {
    let deaths = 0;
    for (let seed = SEED; seed < SEED + CASES; seed += 1) {
      world = new World();
      await insertHost(newHost());
      await insertImage(newImage());
      try {
        deaths += await story(seed);
      } catch (error) {
        throw new Error(replayOf('erasure', seed), { cause: error });
      }
    }
    expect(deaths).toBeGreaterThan(CASES);
    console.log(`${CASES} erasures died ${deaths} times on their way`);
  });

  it('is erased once where two runs are at it at once', async () => {
    await settle(new Random(SEED));
    world.state.scanned = 10;
    const shops = [...world.state.rows.values()].filter(isShops).length;
    await Promise.all([reclaim(), reclaim()]);
    await reclaim();
    const [told, ...more] = erasures();
    expect(more).toEqual([]);
    const counts = Object.values(Object(told?.after).removed).map(Number);
    expect(counts.reduce((sum, count) => sum + count)).toBe(shops);
  });

  it('waits until nothing of it is under way any more', async () => {
    await fill({ project: 'shop', word: 'canaryshop', count: 1 }, hoursAgo(3));
    await deleteProject('shop', hoursAgo(0.9));
    const before = world.rows();
    expect(await reclaim()).toEqual({ reclaimed: 0, erased: 0 });
    expect(world.rows()).toEqual(before);
  });

  it.each([
    ['a VM of it lives after all', () => insertVm(newVm({ id: 'vm-x', project: 'shop' }))],
    [
      'an operation of it is open',
      () => {
        const open = anOperation(9, { id: 'op-x', project: 'shop', state: 'undo-pending' });
        return table.transact([table.putNew(operations.entity, open), opens.opening(open)]);
      },
    ],
  ])('is not erased while %s, and keeps no other from being', async (_, happens) => {
    await settle(new Random(SEED));
    await happens();
    await deleteProject('shop-2', hoursAgo(2));
    const before = [...world.state.rows.values()].filter(isShops);
    expect(await reclaim()).toMatchObject({ erased: 1 });
    expect([...world.state.rows.values()].filter(isShops)).toEqual(before);
    expect(erasures().map(({ subject }) => subject)).toEqual(['shop-2']);
  });

  it('is not erased while the host of a VM of it is silent, or a VM has been lost for less than an hour', async () => {
    await settle(new Random(SEED));
    const silent = await insertVm(newVm({ id: 'vm-x', project: 'shop', state: 'unknown', lastState: 'running' }));
    expect(await reclaim()).toMatchObject({ erased: 0 });
    const lost = await vms.swap(silent, { ...silent, state: 'lost', changedAt: hoursAgo(0.9) });
    expect(await reclaim()).toMatchObject({ erased: 0 });
    expect(await vms.get('vm-x')).toEqual(lost);
    await vms.swap(lost, { ...lost, changedAt: hoursAgo(1.1) });
    expect(await reclaim()).toMatchObject({ erased: 1 });
  });

  it('gives lost VMs up, with all that is held for them, wherever it dies, and no other VM of their host', async () => {
    for (let seed = SEED; seed < SEED + 20; seed += 1) {
      const random = new Random(seed);
      world = new World();
      const share = { vcpus: 1, memoryMiB: 1024, diskGiB: 8 };
      await insertHost(newHost({ allocated: { vcpus: 4, memoryMiB: 4096, diskGiB: 32 } }));
      await insertImage(newImage());
      await settle(random);
      const lost = {
        state: 'lost',
        changedAt: hoursAgo(1.1),
        spec: aSpec({ imageId: 'img-0000000000000001' }),
        project: 'shop',
      } as const;
      const other = newVm({ id: 'vm-other', name: 'other', spec: lost.spec });
      for (const vm of [other, ...['vm-x', 'vm-y', 'vm-z'].map((id) => newVm({ id, name: id, ...lost }))]) {
        await insertVm(vm);
        await table.save(images.cloning('img-0000000000000001', vm));
      }
      await eraseWithDeaths(random, random.pick([0, 0.05, 0.2]));
      const left = [...world.state.rows.values()].filter((row) => row.entity !== 'audit');
      expect(left.filter(isShops)).toEqual([]);
      expect(left.filter((row) => /vm-[xyz]/.test(JSON.stringify(row)))).toEqual([]);
      expect((await hosts.get('h-0000000000000001')).allocated).toEqual(share);
      const told = world.state.of('audit').filter(({ action }) => action === 'give-up-vm');
      expect(told.map(({ subject, project }) => [subject, project])).toEqual(
        ['vm-x', 'vm-y', 'vm-z'].map((id) => [id, 'shop']),
      );
    }
  });

  it('goes on an hour later where user-data cannot be removed now', async () => {
    await settle(new Random(SEED));
    const { fetch } = globalThis;
    vi.stubGlobal('fetch', async () => new Response('SlowDown', { status: 503 }));
    expect(await reclaim()).toMatchObject({ erased: 0 });
    vi.stubGlobal('fetch', fetch);
    expect(await reclaim()).toMatchObject({ erased: 1 });
  });

  it('stops where its time is over, and goes on from there', async () => {
    await settle(new Random(SEED));
    world.state.scanned = 6;
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    let scans = 0;
    world.mayDie = () => {
      scans += 1;
      vi.setSystemTime(Date.now() + 20_000);
    };
    expect(await reclaim()).toMatchObject({ erased: 0 });
    // It has 200 s, ten steps of these; a page that it has begun by then it ends: a scan, and both ends of a transaction.
    expect(scans).toBeLessThanOrEqual(9 + 3);
    expect(world.state.read({ pk: 'project', sk: 'shop' })?.erasure).toMatchObject({
      after: { pk: expect.any(String) },
    });
    vi.useRealTimers();
    world.mayDie = () => undefined;
    expect(await reclaim()).toMatchObject({ erased: 1 });
  });

  it('is not given again, and its audit log is read by an admin of the installation, and by nobody else', async () => {
    await settle(new Random(SEED));
    await world.chainAudit();
    await world.sign();
    await reclaim();
    const token = await signIn('admin');
    const headers = { 'novacron-project': 'shop' };
    const audit = await call('GET /v1/audit?order=oldest', { token, headers });
    expect(audit).toMatchObject({ status: 200 });
    expect(audit.body.items.length).toBeGreaterThan(0);
    for (const path of ['/v1/audit/heads', '/v1/audit/key', '/v1/me']) {
      expect((await call(`GET ${path}`, { token, headers })).status, path).toBe(200);
    }
    expect((await call('GET /v1/vms', { token, headers })).status).toBe(404);
    expect((await call('POST /v1/projects', { token, body: { id: 'shop' } })).status).toBe(409);
    const other = await signIn('admin', { id: 'tok-other', project: 'shop-2', system: false });
    expect((await call('GET /v1/audit', { token: other, headers })).status).toBe(403);
  });
});

/** Names of the entities, as the modules of store/ write them. */
const kindsOfRows = (): string[] => {
  const folder = new URL('../../../lambdas/store/', import.meta.url);
  const sources = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8'));
  return sources.flatMap((text) =>
    [...text.matchAll(/: (?:table\.)?Entity<[\w |]+> = \{\s*name: '([\w-]+)'/g)].map(([, name = '']) => name),
  );
};

describe('every kind of row', () => {
  it('is known to be a project’s or the installation’s', () => {
    expect(kindsOfRows().toSorted()).toEqual([...PROJECTS_KINDS, ...Object.keys(INSTALLATIONS_KINDS)].toSorted());
  });

  it('that a project has is in what is erased here', async () => {
    await settle(new Random(SEED));
    const kinds = new Set([...world.state.rows.values()].filter(isShops).map(({ entity = 'pace' }) => entity));
    expect([...kinds].toSorted()).toEqual([...PROJECTS_KINDS, 'pace'].toSorted());
  });

  it('that tells of people leaves by itself, once what it is about is over', async () => {
    await settle(new Random(SEED));
    // A schedule, a calendar, a group, a window, a rule or a routing is there until somebody deletes it, a name is given back with the end of its bearer, and time off ends with it.
    const kept = [...world.state.rows.values()].filter(
      (row) =>
        isShops(row) &&
        !['name', 'schedule', 'calendar', 'group', 'window', 'rule', 'rule-set', 'routing', 'time-off'].includes(
          String(row.entity),
        ),
    );
    expect(kept.filter(({ expiresAt }) => typeof expiresAt !== 'number')).toEqual([]);
  });
});
