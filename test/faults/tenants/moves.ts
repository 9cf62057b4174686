import { expect } from 'vitest';
import type { Got, Sent } from '../../support/api.ts';
import type { Random } from '../../support/random.ts';
import { ask, type Tenant } from './world.ts';

/** What one tenant does next, and what the plane must answer, as far as the model knows. */
export interface Scene {
  readonly random: Random;
  readonly me: Tenant;
  readonly other: Tenant;
}
type Move = (scene: Scene) => Promise<void>;

/** Both tenants use these, so that they meet in each other's names and keys. */
const NAMES = Array.from({ length: 8 }, (_, n) => `web-${n}`);
const KEYS = Array.from({ length: 12 }, (_, n) => `key-${n}`);
const VERBS = ['start', 'stop', 'reboot', 'reset', 'undelete'] as const;
const NEVER = { vm: `vm-${'z'.repeat(16)}`, operation: `op-${'z'.repeat(26)}`, token: `tok-${'z'.repeat(16)}` };

const send = ({ random, me, other }: Scene, line: string, sent: Sent = {}): Promise<Got> =>
  ask(me, other, line, { token: random.pick(me.tokens), ...sent });

/** An id of one's own, of the other, or of nobody; and whose it is. */
const some = ({ random, me, other }: Scene, kind: keyof typeof NEVER): readonly [id: string, own: boolean] => {
  const idsOf = (tenant: Tenant): readonly string[] => {
    if (kind === 'vm') return [...tenant.vms.keys()];
    return [...(kind === 'operation' ? tenant.operations : tenant.madeTokens)];
  };
  const tenant = random.below(2) === 0 ? me : other;
  const ids = idsOf(tenant);
  return ids.length === 0 ? [NEVER[kind], false] : [random.pick(ids), tenant === me];
};

/** What is another's is answered as what never was. */
const assertHidden = (got: Got, own: boolean): void => {
  if (!own) expect(got.status).toBe(404);
  else expect(got.status).not.toBe(404);
};

const keyed = (random: Random): Sent =>
  random.below(3) === 0 ? { headers: { 'idempotency-key': random.pick(KEYS) } } : {};

/** Takes in an operation that was begun now; one that a key stood for was taken in before. */
const note = ({ me }: Scene, { status, body }: Got, name?: string): void => {
  if (status !== 202 || me.operations.has(body.id)) return;
  me.operations.add(body.id);
  if (body.kind === 'create-vm' && name !== undefined) me.vms.set(body.vmId, name);
  if (body.kind === 'create-vm' || body.kind === 'undelete-vm') me.holders.add(body.vmId);
};

const isHeld = ({ vms, holders }: Tenant, name: string): boolean => [...holders].some((id) => vms.get(id) === name);

const create: Move = async (scene) => {
  const { random, me } = scene;
  const name = random.below(3) === 0 ? `${me.canary}-${random.below(1000)}` : random.pick(NAMES);
  const taken = isHeld(me, name);
  const sent = keyed(random);
  const got = await send(scene, 'POST /v1/vms', {
    ...sent,
    body: { name, provider: 'kvm', image: 'test', tags: { owner: me.canary } },
  });
  // A key may stand for an earlier request: then that one's operation, or a refusal, is right.
  if (sent.headers === undefined) expect(got.status, JSON.stringify(got.body)).toBe(taken ? 409 : 202);
  if (got.status === 409) expect(got.body.code).toBe('NameTaken');
  note(scene, got, name);
};

const plan: Move = async (scene) => {
  const body = { name: scene.random.pick(NAMES), provider: 'kvm', image: 'test' };
  expect((await send(scene, 'POST /v1/vms?dryRun=true', { body })).status).toBe(200);
};

const act: Move = async (scene) => {
  const [id, own] = some(scene, 'vm');
  const got = await send(scene, `POST /v1/vms/${id}/actions/${scene.random.pick(VERBS)}`, keyed(scene.random));
  // A key may stand for an earlier request of one's own.
  if (own || (got.status !== 422 && got.status !== 202)) assertHidden(got, own);
  note(scene, got);
};

const remove: Move = async (scene) => {
  const [id, own] = some(scene, 'vm');
  const got = await send(scene, `DELETE /v1/vms/${id}${scene.random.below(2) === 0 ? '?purge=true' : ''}`);
  assertHidden(got, own);
  note(scene, got);
};

const patch: Move = async (scene) => {
  const { random, me } = scene;
  const [id, own] = some(scene, 'vm');
  const name = random.pick(NAMES);
  const got = await send(scene, `PATCH /v1/vms/${id}`, { body: { name, tags: { owner: me.canary } } });
  assertHidden(got, own);
  if (got.status !== 200) return;
  // Only who has a name may have another: else one is taken that nobody counts.
  if (me.vms.get(id) !== name) expect(me.holders).toContain(id);
  me.vms.set(id, name);
};

const look: Move = async (scene) => {
  const [id, own] = some(scene, 'vm');
  const tail = scene.random.pick(['', '/events', '/events?limit=1', '/console-log']);
  assertHidden(await send(scene, `GET /v1/vms/${id}${tail}`), own);
};

const lookAtOperation: Move = async (scene) => {
  const [id, own] = some(scene, 'operation');
  assertHidden(await send(scene, `GET /v1/operations/${id}`), own);
};

const cancel: Move = async (scene) => {
  const [id, own] = some(scene, 'operation');
  assertHidden(await send(scene, `POST /v1/operations/${id}/cancel`), own);
};

/** Filters by what is the other's find nothing of it; its words are asked for, so the answer is looked at without them. */
const filterOf = ({ random, me, other }: Scene, list: string): string => {
  const tenant = random.below(2) === 0 ? me : other;
  const name = random.pick([...tenant.vms.values(), 'web']);
  const id = random.pick([...tenant.ids, 'x']);
  const byName = list === 'operations' ? `vm=${name}` : `name~${name}`;
  const byWho = list === 'vms' ? `tag:owner=${tenant.canary}` : `by~${tenant.canary}`;
  return random.pick(['', '', byName, byWho, `id=${id}`, `id~${id.slice(0, 8)}`]);
};

const LISTS = ['vms', 'operations', 'tokens', 'hosts', 'images'] as const;

const list: Move = async (scene) => {
  const { random, me } = scene;
  const which = random.pick(LISTS);
  const shared = which === 'hosts' || which === 'images';
  const query = [`limit=${1 + random.below(5)}`, shared ? '' : filterOf(scene, which)].filter(Boolean).join('&');
  const got = await send(scene, `GET /v1/${which}?${query}`);
  if (got.status === 200 && got.body.cursor) me.cursors.push({ list: `${which}?${query}`, cursor: got.body.cursor });
};

/** Goes on by a cursor: one's own goes on; the other's, a changed one, and one of another list are refused. */
const goOn: Move = async (scene) => {
  const { random, me, other } = scene;
  const tenant = random.below(2) === 0 ? me : other;
  if (tenant.cursors.length === 0) return;
  const { list: from, cursor } = random.pick(tenant.cursors);
  const at = random.below(cursor.length - 1);
  const changed = `${cursor.slice(0, at)}${cursor[at] === 'A' ? 'B' : 'A'}${cursor.slice(at + 1)}`;
  const [shown, good] = random.pick([
    [cursor, tenant === me],
    [changed, false],
  ] as const);
  // The list of tokens is an admin's.
  const got = await send(scene, `GET /v1/${from}&cursor=${shown}`, { token: me.tokens[0] ?? '' });
  expect([got.status, got.body.code]).toEqual(good ? [200, undefined] : [400, 'InvalidCursor']);
};

const makeToken: Move = async (scene) => {
  const { me, random } = scene;
  const got = await send(scene, 'POST /v1/tokens', {
    ...keyed(random),
    body: { name: `${me.canary} ci`, role: 'viewer' },
  });
  if (got.status === 201) me.madeTokens.add(got.body.id);
};

const revoke: Move = async (scene) => {
  const [id, own] = some(scene, 'token');
  const got = await send(scene, `DELETE /v1/tokens/${id}`);
  if (got.status !== 403) assertHidden(got, own);
};

const SHARED = [
  'GET /v1/hosts/h-0000000000000001',
  'GET /v1/images/test',
  'GET /v1/sizes',
  'GET /v1/me',
  'GET /v1/projects',
  'POST /v1/reconcile',
  'DELETE /v1/images/test',
  'POST /v1/hosts/h-0000000000000001/actions/retire',
  'GET /v1/health',
];

const shared: Move = async (scene) => void (await send(scene, scene.random.pick(SHARED)));

/** Nobody of a project acts in another by naming it. */
const intrude: Move = async (scene) => {
  const { other, random } = scene;
  const line = random.pick(['GET /v1/vms', 'GET /v1/operations', 'GET /v1/me', 'GET /v1/tokens']);
  const got = await send(scene, line, { headers: { 'novacron-project': other.project } });
  expect(got.status).toBe(403);
};

/** Creates come more often, that there be something to leak. */
export const MOVES: readonly Move[] = [
  ...[create, create, create, create, plan, act, act, remove, patch, patch, look, look, look],
  ...[lookAtOperation, cancel, list, list, list, list, goOn, goOn, goOn, makeToken, revoke, shared, intrude],
];

/** Every page of a list by its cursors: what the tenant sees, whole. */
export const whole = async (me: Tenant, other: Tenant, which: string): Promise<string[]> => {
  const ids: string[] = [];
  for (let cursor = ''; ; ) {
    const line = `GET /v1/${which}${which.includes('?') ? '&' : '?'}limit=7${cursor}`;
    const got = await ask(me, other, line, { token: me.tokens[0] ?? '' });
    ids.push(...got.body.items.map(({ id }) => id));
    if (got.body.cursor === undefined) return ids;
    cursor = `&cursor=${got.body.cursor}`;
  }
};
