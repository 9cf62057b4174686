import { PutCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler as groupDue } from '../../lambdas/alerting/group-due.ts';
import { NotTold } from '../../lambdas/alerting/receivers/webhook.ts';
import type { AlertGroup } from '../../lambdas/domain/alerts/alert-group.ts';
import { groupDueEvent } from '../../lambdas/runtime/alert-wakes.ts';
import { alertWorld } from '../support/alert-world.ts';
import { signIn } from '../support/api.ts';
import { askingAs } from '../support/asking.ts';
import { StateTable } from '../support/state-table.ts';

/** Fifty groups that are due at the same moment, told of by one call; only the network is not there. */
const world = alertWorld();
/** Waited for before a receiver takes or refuses a word. */
let before: (url: string) => Promise<void> | undefined;
vi.mock('../../lambdas/alerting/receivers/webhook.ts', async (original) => ({
  ...(await original<object>()),
  postWebhook: async (url: string, body: string) => {
    await before(url);
    world().take(url, body);
  },
}));

const WELL = 'https://hooks.example.org/well';
const HANGS = 'https://hooks.example.org/hangs';
const YAML = `
route:
  receiver: well
  group_by: ['...']
  group_wait: 1s
  routes: [{ receiver: hangs, group_by: ['...'], matchers: [vm="vm-7"] }]
receivers:
  - { name: well, webhook_configs: [{ url: '${WELL}' }] }
  - { name: hangs, webhook_configs: [{ url: '${HANGS}' }] }
`;
const VMS = Array.from({ length: 50 }, (_, index) => `vm-${index}`);

let state: StateTable;
let token: string;
beforeEach(async () => {
  before = () => undefined;
  state = new StateTable();
  token = await signIn('operator', { expiresAt: '2099-01-01T00:00:00.000Z' });
});
const asked = askingAs(() => token);

const rows = () => state.of('alert-group') as unknown as AlertGroup[];
const rowOf = (vm: string) => rows().find(({ labels }) => labels.vm === vm);
const known = () => rows().filter(({ told }) => Object.keys(told).length > 0).length;
const told = () => world().posts.map(({ body }) => body.alerts.map(({ labels }) => labels.vm).join());

/** How often the table was called, by what it was asked to do. */
const calls = (): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { args } of state.mock.calls())
    counts[args[0].constructor.name] = (counts[args[0].constructor.name] ?? 0) + 1;
  return counts;
};

/** They all fire, and all of them are due. @returns the call that tells of them */
const fifty = async (yaml = YAML, labels = {}) => {
  await asked('POST /v1/routes', { yaml });
  await asked(
    'POST /api/v2/alerts',
    VMS.map((vm) => ({ labels: { alertname: 'Down', vm, ...labels } })),
  );
  vi.setSystemTime(world().begin + 2_000);
  const [first, ...others] = rows().map(({ id }) => id);
  const due = groupDueEvent({ project: 'default', alertGroupId: first ?? '', others }, Date.now());
  state.mock.resetHistory();
  return () => groupDue({ detail: due.detail });
};

describe('fifty groups that are due at once', () => {
  it('are told, each once, by few calls of the table', async () => {
    const tell = await fifty();
    await tell();
    expect(told().toSorted()).toEqual(VMS.toSorted());
    expect(known()).toBe(50);
    // Groups, routing with alerts, VMs; silences, silent hosts, windows; the key that signs links, once; claims and records.
    expect(calls()).toEqual({
      BatchGetCommand: 3,
      GetCommand: 1,
      PutCommand: 1,
      QueryCommand: 3,
      TransactWriteCommand: 2,
    });
    await tell();
    expect(told()).toHaveLength(50);
  });

  it('are written down while the receiver of one keeps silent, and that one once it is given up', async () => {
    const silence = Promise.withResolvers<void>();
    before = (url) => (url === HANGS ? silence.promise : undefined);
    const telling = (await fifty())();
    await vi.waitFor(() => expect(known()).toBe(49));
    silence.reject(new NotTold('hooks.example.org does not answer within 5 s', true));
    await telling;
    expect(rowOf('vm-7')).toMatchObject({ told: {}, failing: { 'hangs/webhook[0]': { why: expect.anything() } } });
    expect(known()).toBe(49);
  });

  it('are told but for one whose row cannot be written, which is told once it can', async () => {
    const tell = await fifty();
    const sick = rowOf('vm-7')?.id;
    state.mock.on(PutCommand).callsFake((input) => {
      if (input.Item.sk === sick) throw Object.assign(new Error('sick'), { name: 'ValidationException' });
      return state.write(input);
    });
    state.mock.on(TransactWriteCommand).rejects(Object.assign(new Error('sick'), { name: 'ValidationException' }));
    await expect(tell()).rejects.toThrow('sick');
    expect([told().length, known()]).toEqual([49, 49]);
  });

  it('are told once, where another tells of some of them at the same time', async () => {
    const tell = await fifty();
    await Promise.all([tell(), tell(), tell()]);
    expect(told().toSorted()).toEqual(VMS.toSorted());
    expect(known()).toBe(50);
  });

  it('go to one other group together where the routing has changed', async () => {
    const tell = await fifty();
    await asked('POST /v1/routes', { yaml: YAML.replaceAll("['...']", '[alertname]') });
    await tell();
    const full = rows().filter(({ alerts }) => alerts.length > 0);
    expect(full.map(({ alerts }) => alerts.length).toSorted((a, b) => a - b)).toEqual([1, 49]);
    await world().until(60);
    expect(
      world()
        .posts.map(({ body }) => body.alerts.length)
        .toSorted((a, b) => a - b),
    ).toEqual([1, 49]);
  });

  it('that are critical and hidden by one silence are told of as such by one word', async () => {
    const tell = await fifty(YAML, { severity: 'critical' });
    await asked('POST /api/v2/silences', {
      matchers: [{ name: 'alertname', value: 'Down', isRegex: false }],
      startsAt: '2026-11-25T10:00:00.000Z',
      endsAt: '2026-11-25T20:00:00.000Z',
      createdBy: 'ops',
      comment: 'quiet',
    });
    await tell();
    expect(told()).toEqual([]);
    const hiding = (state.of('alert') as unknown as { readonly labels: Record<string, string> }[]).filter(
      ({ labels }) => labels.alertname === 'SilenceHidesCritical',
    );
    expect(hiding).toHaveLength(1);
  });
});
