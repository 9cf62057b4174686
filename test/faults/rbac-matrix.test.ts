import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import { AddTagsToResourceCommand, CreateActivationCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import openapi from '../../docs/openapi.json' with { type: 'json' };
import { call, type Got, newHost, type Sent, signIn } from '../support/api.ts';
import { auditRows } from '../support/audited.ts';
import { AwsServices } from '../support/aws-services.ts';
import { Bucket } from '../support/bucket.ts';
import { issuer } from '../support/issuer.ts';
import { type Least, lineOf, RULES, type Rule } from '../support/rbac-rules.ts';
import { StateTable } from '../support/state-table.ts';
import type { Item } from '../support/table-rows.ts';
import { canaryOf, leavesOfTenants, neverId, ownId, settleTenants, type Tenant, tokenOf } from '../support/tenants.ts';

vi.mock('../../lambdas/runtime/providers.ts', () => ({ providerOf: () => ({ consoleLog: async () => 'boot' }) }));
vi.mock('../../lambdas/schedules/reconcile.ts', () => ({ reconcile: async () => ({ checked: 0 }) }));

const ssm = mockClient(SSMClient);
mockClient(SQSClient);
new AwsServices();
const bus = mockClient(EventBridgeClient);

type Standing = Extract<Least, 'viewer' | 'operator' | 'admin' | 'system' | 'host'>;

/** Who asks: how the request is signed, where it acts, and as what; without a standing it is let in nowhere. */
interface Actor {
  readonly name: string;
  readonly sent: () => Promise<Sent>;
  readonly acts?: { readonly as: Standing; readonly in?: Tenant };
  /** The status of everything that is not open to all. */
  readonly refused?: 401 | 403;
  readonly aws?: true;
}

const EXPIRED = { expiresAt: '2020-01-01T00:00:00.000Z' };
const REVOKED = { revokedAt: '2026-01-01T00:00:00.000Z' };
const inShop = { 'novacron-project': 'shop' };
const jwt = (...groups: string[]) => issuer.good({ 'cognito:groups': groups });
const ROLES = ['viewer', 'operator', 'admin'] as const;

const ACTORS: readonly Actor[] = [
  { name: 'nobody', sent: async () => ({}), refused: 401 },
  { name: 'an expired token', sent: async () => ({ token: await signIn('admin', EXPIRED) }), refused: 401 },
  { name: 'a revoked token', sent: async () => ({ token: await signIn('admin', REVOKED) }), refused: 401 },
  { name: 'a forged JWT', sent: async () => ({ token: issuer.unsigned() }), refused: 401 },
  {
    name: 'an AWS identity',
    sent: async () => ({ iam: 'arn:aws:sts::123456789012:assumed-role/deploy/x' }),
    refused: 401,
    aws: true,
  },
  ...ROLES.flatMap((role): Actor[] => [
    {
      name: `${role} of shop`,
      sent: async () => ({ token: await tokenOf('shop', role) }),
      acts: { as: role, in: 'shop' },
    },
    {
      name: `${role} of bank`,
      sent: async () => ({ token: await tokenOf('bank', role) }),
      acts: { as: role, in: 'bank' },
    },
    {
      name: `${role} of shop by a JWT`,
      sent: async () => ({ token: jwt(`novacron-shop-${role}`) }),
      acts: { as: role, in: 'shop' },
    },
  ]),
  {
    name: 'operator of shop and bank, choosing shop',
    sent: async () => ({ token: jwt('novacron-shop-operator', 'novacron-bank-admin'), headers: inShop }),
    acts: { as: 'operator', in: 'shop' },
  },
  {
    name: 'admin of bank, choosing shop',
    sent: async () => ({ token: await tokenOf('bank', 'admin'), headers: inShop }),
    refused: 403,
  },
  {
    name: 'admin of bank by a JWT, choosing shop',
    sent: async () => ({ token: jwt('novacron-bank-admin'), headers: inShop }),
    refused: 403,
  },
  {
    name: 'admin of default, choosing shop',
    sent: async () => ({ token: await tokenOf('default', 'admin'), headers: inShop }),
    refused: 403,
  },
  { name: 'admin of default', sent: async () => ({ token: await tokenOf('default', 'admin') }), acts: { as: 'admin' } },
  {
    name: 'member of a project that is not there',
    sent: async () => ({ token: jwt('novacron-ghost-admin') }),
    refused: 403,
  },
  { name: 'somebody without a group', sent: async () => ({ token: jwt('staff') }), refused: 403 },
  { name: 'admin of the installation', sent: async () => ({ token: await signIn('admin') }), acts: { as: 'system' } },
  {
    name: 'admin of the installation, in shop',
    sent: async () => ({ token: await signIn('admin'), headers: inShop }),
    acts: { as: 'system', in: 'shop' },
  },
  {
    name: 'admin of the installation by a JWT, in shop',
    sent: async () => ({ token: jwt('novacron-admin'), headers: inShop }),
    acts: { as: 'system', in: 'shop' },
  },
  {
    name: 'a host',
    sent: async () => ({ token: await signIn('host', { hostId: newHost().id }) }),
    acts: { as: 'host' },
  },
  {
    name: 'another host',
    sent: async () => ({ token: await signIn('host', { hostId: 'h-0000000000000009' }) }),
    refused: 403,
  },
];

const ROUTES = Object.entries(openapi.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { operationId }]) => ({
    action: operationId,
    method: method.toUpperCase(),
    path,
  })),
);

const ORDER: readonly Least[] = ['viewer', 'operator', 'admin', 'system'];

/** Whether a standing is enough; a host's is for its own two routes only. */
const suffices = (as: Standing, least: Least): boolean =>
  as === 'host' || least === 'host' ? as === least : ORDER.indexOf(as) >= ORDER.indexOf(least);

/** The status of a cell where the row asked for is the caller's own, or nobody's in particular. */
const statusOf = ({ acts, refused, aws }: Actor, { least, done }: Rule): number => {
  if (least === 'nothing') return done;
  if (least === 'aws') return aws ? done : 401;
  if (acts === undefined) return refused ?? 401;
  return suffices(acts.as, least) ? done : 403;
};

/** An answer without what tells one request from another. */
const anonymous = ({ status, headers, body }: Got, id: string) =>
  JSON.parse(JSON.stringify({ status, headers, body }).replaceAll(id, '<id>'));

let state: StateTable;
/** The rows of the tenants, as each cell of the matrix finds them. */
let settled: readonly (readonly [string, Item])[];
beforeAll(async () => {
  state = new StateTable();
  new Bucket();
  issuer.publish();
  bus.on(PutEventsCommand).resolves({ Entries: [{}] });
  ssm.on(CreateActivationCommand).resolves({ ActivationId: 'a-1', ActivationCode: 'code' });
  ssm.on(AddTagsToResourceCommand).resolves({});
  await settleTenants();
  settled = [...state.rows];
});
beforeEach(() => {
  state.rows.clear();
  state.audit.clear();
  state.telemetry.clear();
  for (const [key, row] of settled) state.rows.set(key, row);
  auditRows(state.rows);
  leavesOfTenants();
});

it('has a rule for every operation of the OpenAPI, and for no other', () => {
  expect(Object.keys(RULES).sort()).toEqual(ROUTES.map(({ action }) => action).sort());
});

describe.each(ACTORS)('$name', (actor) => {
  const { acts } = actor;
  /** Everything asked, and how often the table was read for it. */
  const ask = async (line: string, rule: Rule) => {
    const sent = await actor.sent();
    state.mock.resetHistory();
    const got = await call(line, { ...sent, ...(rule.body ? { body: rule.body } : {}) });
    return { got, calls: state.mock.calls().length };
  };
  const assertSilent = ({ body }: Got) => {
    const text = JSON.stringify(body ?? '');
    for (const tenant of ['shop', 'bank'] as const) {
      if (tenant !== acts?.in) expect(text).not.toContain(canaryOf(tenant));
    }
  };

  it.each(ROUTES)('$action', async ({ action, method, path }) => {
    const rule = RULES[action];
    if (rule === undefined) throw new Error(`there is no rule for ${action}`);
    const status = statusOf(actor, rule);
    const { owned } = rule;
    if (owned === undefined) {
      const { got } = await ask(lineOf(method, path, rule), rule);
      expect(got.status).toBe(status);
      assertSilent(got);
      return;
    }
    const never = await ask(lineOf(method, path, rule, neverId(owned)), rule);
    expect(never.got.status).toBe(status === rule.done ? 404 : status);
    for (const tenant of (['shop', 'bank'] as const).filter((each) => each !== acts?.in)) {
      const other = await ask(lineOf(method, path, rule, ownId(owned, tenant)), rule);
      expect(anonymous(other.got, ownId(owned, tenant))).toEqual(anonymous(never.got, neverId(owned)));
      expect(other.calls).toBe(never.calls);
      assertSilent(other.got);
    }
    if (acts?.in === undefined) return;
    const own = await ask(lineOf(method, path, rule, ownId(owned, acts.in)), rule);
    expect(own.got.status).toBe(status);
    assertSilent(own.got);
  });
});
