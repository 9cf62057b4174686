import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import { AddTagsToResourceCommand, CreateActivationCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ROUTES } from '../../lambdas/api/routes.ts';
import * as plane from '../../lambdas/store/plane.ts';
import * as stateTable from '../../lambdas/store/table.ts';
import { call, type Sent, signIn } from '../support/api.ts';
import { leaves } from '../support/audited.ts';
import { AwsServices } from '../support/aws-services.ts';
import { lineOf, RULES, type Rule } from '../support/rbac-rules.ts';
import { StateTable } from '../support/state-table.ts';
import { settleTenants } from '../support/tenants.ts';

vi.mock('../../lambdas/runtime/providers.ts', () => ({ providerOf: () => ({ consoleLog: async () => 'boot' }) }));
vi.mock('../../lambdas/schedules/reconcile.ts', () => ({ reconcile: async () => ({ checked: 0 }) }));

const [ssm, bus] = [mockClient(SSMClient), mockClient(EventBridgeClient)];
mockClient(SQSClient);
new AwsServices();

let table: StateTable;
beforeEach(async () => {
  ssm.reset();
  ssm.on(CreateActivationCommand).resolves({ ActivationId: 'a', ActivationCode: 'c' });
  ssm.on(AddTagsToResourceCommand).resolves({});
  bus.reset();
  bus.on(PutEventsCommand).resolves({ Entries: [{ EventId: '1' }] });
  table = new StateTable();
  await settleTenants();
  const collector = { tableId: '', seenTableId: 'table-1', refused: [], approved: [] };
  await stateTable.save(plane.changingCollector(undefined, collector));
  // Rows of tenants are put in by hand, and operations do not come to their ends here.
  leaves('OperationUnswept', 'VmHeldByNobody', 'EndNotTold', 'NameNotHeld');
});

/**
 * A host tells of its own machines, and a monitor of what it sees: no change that somebody asked for. A test of routes, of a rule or of
 * texts changes nothing. Whoever answers by a link has no token; answers.test.ts looks at that.
 */
const NOT_ASKED_FOR = new Set([
  ...[
    'report-host',
    'report-metrics',
    'post-alerts',
    'test-routing',
    'test-rule',
    'preview-texts',
    'acknowledge-by-link',
    'answer-from-slack',
  ],
]);

interface Mutation {
  readonly action: string;
  readonly method: string;
  readonly path: string;
  readonly rule: Rule;
}

const MUTATIONS: readonly Mutation[] = ROUTES.filter(
  ({ method, action }) => method !== 'GET' && !NOT_ASKED_FOR.has(action),
).map(({ action, method, path }) => {
  const rule = RULES[action];
  if (rule === undefined) throw new Error(`${action} has no rule in test/support/rbac-rules.ts`);
  return { action, method, path, rule };
});

const inShop = { 'novacron-project': 'shop' };
const AWS = 'arn:aws:sts::123456789012:assumed-role/deploy/x';

const bodyOf = ({ body }: Rule) => (body === undefined ? {} : { body });

/** Sends the request of a mutation, and answers with what it left in the outbox. */
const told = async ({ method, path, rule }: Mutation, sent: Sent) => {
  const before = table.of('audit').length;
  const got = await call(lineOf(method, path, rule), { ...sent, ...bodyOf(rule) });
  return { status: got.status, entries: table.of('audit').slice(before) };
};

const asAdmin = async ({ rule }: Mutation): Promise<Sent> =>
  rule.least === 'aws' ? { iam: AWS } : { token: await signIn('admin'), headers: inShop };

const WHO_WHEN_WHENCE = {
  at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
  by: expect.stringMatching(/^(token:tok-|aws:arn)/),
  role: expect.any(String),
  from: '192.0.2.7',
  requestId: 'request-1',
};

describe('every route that changes something', () => {
  it('is looked at here', () => {
    expect(MUTATIONS.length).toBeGreaterThan(20);
  });

  it.each(MUTATIONS)('$action, carried out, is told by exactly one entry', async (mutation) => {
    const { status, entries } = await told(mutation, await asAdmin(mutation));
    expect(status).toBe(mutation.rule.done);
    const outcome = status >= 400 ? 'refused' : status === 202 && entries[0]?.operationId ? 'accepted' : 'done';
    const [entry, ...more] = entries;
    expect(entry).toMatchObject({ ...WHO_WHEN_WHENCE, action: mutation.action, outcome });
    // The token with which the machine fetches its unit is a thing of its own, and told as one.
    const subjects = mutation.action === 'enrol-host' ? [expect.stringMatching(/^tok-/)] : [];
    expect(more.map(({ subject }) => subject)).toEqual(subjects);
    const system = mutation.rule.least === 'system' || mutation.rule.least === 'aws';
    expect(entries[0]?.project).toBe(system ? 'default' : 'shop');
    if (outcome === 'accepted') expect(entries[0]).toMatchObject({ operationId: expect.stringMatching(/^op-/) });
  });

  it.each(MUTATIONS.filter(({ rule }) => rule.least !== 'aws'))(
    '$action, refused for want of a role, is told by exactly one entry',
    async (mutation) => {
      const token = await signIn('viewer', { project: 'shop', system: false });
      const { status, entries } = await told(mutation, { token });
      expect(status).toBe(403);
      expect(entries).toMatchObject([
        { ...WHO_WHEN_WHENCE, role: 'viewer', action: mutation.action, outcome: 'refused' },
      ]);
      expect(entries[0]?.reason).toMatch(/^Forbidden: ./);
    },
  );

  it.each(MUTATIONS)('$action, refused for its form, is told by exactly one entry', async (mutation) => {
    const wrong = { ...mutation, rule: { ...mutation.rule, body: { nonsense: true } } };
    const { status, entries } = await told(wrong, await asAdmin(mutation));
    expect(status).toBeGreaterThanOrEqual(400);
    expect(entries).toMatchObject([{ ...WHO_WHEN_WHENCE, action: mutation.action, outcome: 'refused' }]);
  });

  const BEGIN = MUTATIONS.filter(
    ({ rule, action }) => rule.done === 202 && rule.least === 'operator' && action !== 'cancel-operation',
  );
  it.each(BEGIN)('$action, asked again under its key, is told no second time', async (mutation) => {
    const sent = await asAdmin(mutation);
    const headers = { ...sent.headers, 'idempotency-key': 'k-1' };
    expect((await told(mutation, { ...sent, headers })).entries).toHaveLength(1);
    expect(await told(mutation, { ...sent, headers })).toEqual({ status: 202, entries: [] });
  });
});
