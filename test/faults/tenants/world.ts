import * as projects from '../../../lambdas/store/projects.ts';
import * as table from '../../../lambdas/store/table.ts';
import {
  AT,
  call,
  type Got,
  insertHost,
  insertImage,
  newImage,
  roomyHost,
  type Sent,
  signIn,
} from '../../support/api.ts';
import { endOpen } from '../../support/ending.ts';
import { issuer } from '../../support/issuer.ts';
import type { Random } from '../../support/random.ts';
import { StateTable } from '../../support/state-table.ts';

/** Ids of rows that a project owns; hosts and images are everybody's. */
const OWNED_ID = /\b(?:vm|op|tok|ev)-[0-9a-hjkmnp-tv-z]{16,26}\b/g;

/** One tenant, and what the test knows of it beside the plane: the model that the plane is held to. */
export interface Tenant {
  readonly project: string;
  /** In its tags, in names and ids of its callers, in names of some of its VMs; no answer to another may hold it. */
  readonly canary: string;
  /** Its callers, each by a token of another kind. */
  readonly tokens: readonly string[];
  /** Every id that an answer to it has shown. */
  readonly ids: Set<string>;
  /** Its VMs, deleted ones too: id to name. */
  readonly vms: Map<string, string>;
  /** Those that hold their name. */
  readonly holders: Set<string>;
  readonly operations: Set<string>;
  readonly madeTokens: Set<string>;
  readonly cursors: { readonly list: string; readonly cursor: string }[];
}

const found = async (project: string, canary: string): Promise<Tenant> => {
  if (project !== 'default') {
    await table.save(projects.inserting({ id: project, by: canary, createdAt: AT, live: true, version: 1 }));
  }
  const jwt = issuer.good({
    sub: canary,
    email: `${canary}@example.org`,
    'cognito:groups': [`novacron-${project}-admin`],
  });
  const ours = (role: 'operator' | 'admin') =>
    signIn(role, { id: `tok-${canary}-${role}`, name: `${canary} ${role}`, project, system: false });
  const tokens = [jwt, await ours('operator'), await ours('admin')];
  return {
    project,
    canary,
    tokens,
    ids: new Set(),
    vms: new Map(),
    holders: new Set(),
    operations: new Set(),
    madeTokens: new Set(),
    cursors: [],
  };
};

/** A fresh plane with two tenants on one host; one of them may be `default`, whose rows lie where they always lay. */
export const newWorld = async (pair: readonly [string, string]): Promise<readonly [Tenant, Tenant]> => {
  new StateTable();
  issuer.publish();
  await insertHost(roomyHost());
  await insertImage(newImage());
  return [await found(pair[0], 'canary-left'), await found(pair[1], 'canary-right')];
};

/** Why an answer to one tenant is a leak of another; undefined where it is none. What was asked for by its id may be repeated. */
const leakOf = (text: string, other: Tenant, asked: string): string | undefined => {
  if (text.includes(other.canary)) return `it holds ${other.canary}`;
  for (const [id] of text.matchAll(OWNED_ID)) if (other.ids.has(id) && !asked.includes(id)) return `it holds ${id}`;
  return undefined;
};

/** Sends a request of a tenant and holds its answer against everything that is known of the other. @throws on a leak */
export const ask = async (tenant: Tenant, other: Tenant, line: string, sent: Sent): Promise<Got> => {
  const got = await call(line, sent);
  const text = JSON.stringify([got.headers, got.body ?? null]);
  const asked = `${line} ${JSON.stringify(sent.body ?? null)}`;
  const leak = leakOf(text, other, asked);
  if (leak !== undefined) throw new Error(`${line} of ${tenant.project} leaks ${other.project}: ${leak}\n${text}`);
  if (got.status >= 500) throw new Error(`${line} is answered ${got.status}: ${text}`);
  // What was asked for and is not there was never shown.
  if (got.status < 300) for (const [id] of text.matchAll(OWNED_ID)) tenant.ids.add(id);
  return got;
};

/** Ends some of what is under way, of either tenant; a VM that is deleted then lets its name go. */
export const endSome = async (random: Random, tenants: readonly Tenant[]): Promise<void> => {
  for (const { kind, vmId = '' } of await endOpen(() => random.below(2) > 0)) {
    if (kind === 'delete-vm') for (const { holders } of tenants) holders.delete(vmId);
  }
};
