import { Metrics } from '@aws-lambda-powertools/metrics';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { domainUuidOf } from '../../lambdas/domain/ids.ts';
import type { Operation } from '../../lambdas/domain/operation.ts';
import type { DomainEvent, Report } from '../../lambdas/domain/report.ts';
import type { Vm } from '../../lambdas/domain/vm.ts';
import { applyReport } from '../../lambdas/runtime/apply-report.ts';
import * as beats from '../../lambdas/store/beats.ts';
import * as events from '../../lambdas/store/events.ts';
import * as hosts from '../../lambdas/store/hosts.ts';
import * as operations from '../../lambdas/store/operations.ts';
import * as vms from '../../lambdas/store/vms.ts';
import { AT, insertHost, insertVm, newHost, newVm } from '../support/api.ts';
import { begin } from '../support/asked.ts';
import { leaves } from '../support/audited.ts';
import { StateTable } from '../support/state-table.ts';
import { Workflows } from '../support/workflow.ts';

vi.mock('../../lambdas/runtime/providers.ts', () => import('../support/fake-providers.ts'));

const NOW = '2026-11-25T12:00:00.000Z';
const UUID = domainUuidOf('unit', newVm().id);

let table: StateTable;
let workflows: Workflows;
beforeEach(async () => {
  table = new StateTable();
  workflows = new Workflows();
  await insertHost(newHost());
});

let seq = 0;
const report = (more: Partial<Report> = {}): Report => {
  seq += 1;
  return { unitVersion: '1', seq, sentAt: NOW, events: [], ...more };
};
const apply = async (more: Partial<Report> = {}, tokenEndsAt?: string) =>
  applyReport(await hosts.withBeat(newHost().id), report(more), NOW, tokenEndsAt);

const event = (kind: DomainEvent['kind'], more: Partial<DomainEvent> = {}): DomainEvent => ({
  at: NOW,
  domain: UUID,
  vmId: newVm().id,
  kind,
  reason: 'told',
  ...more,
});

const domain = (more: Partial<NonNullable<Report['inventory']>[number]> = {}) => ({
  uuid: UUID,
  name: 'web-1-000001',
  state: 'running' as const,
  reason: 'booted',
  vcpus: 1,
  memoryMiB: 1024,
  vmId: newVm().id,
  installation: 'unit',
  addresses: [],
  disks: [],
  nics: [],
  ...more,
});

const waiting = async (kind: 'start-vm' | 'stop-vm', vm: Vm, step: string): Promise<Operation> => {
  const operation = await begin(kind, vm, { graceSeconds: 60 });
  const wait = { step, token: 'token', attempt: 1, since: AT, commandId: 'c', nodeId: 'mi-1' };
  return operations.swap(operation, { ...operation, state: 'running', startedAt: AT, attempt: 1, wait });
};

const told = () =>
  workflows.sfn
    .calls()
    .map(({ args: [{ input }] }) => input)
    .filter((input) => 'taskToken' in input);

/** How a report that waited for so many seconds shows a VM that changed so many seconds ago. */
const shownBy = async (waited: number, changed: number, row: Partial<Vm>): Promise<Vm> => {
  const ago = (seconds: number) => new Date(Date.parse(NOW) - seconds * 1000).toISOString();
  await insertVm(newVm({ providerId: UUID, changedAt: ago(changed), ...row }));
  // the host's clock is years off, and counts all the same
  const sentAt = '2020-01-01T01:00:00.000Z';
  const seenAt = new Date(Date.parse(sentAt) - waited * 1000).toISOString();
  await apply({ inventory: [domain()], seenAt, sentAt });
  return vms.get(newVm().id);
};

describe('a report that waited while plane or network were away', () => {
  it('does not bring back what was deleted since', async () => {
    expect(await shownBy(40, 30, { state: 'deleted' })).toMatchObject({ state: 'deleted' });
  });

  it('does not undo what was done since', async () => {
    expect(await shownBy(40, 30, { state: 'stopped' })).toMatchObject({ state: 'stopped' });
  });

  it('does not undo what was done while it was taken in', async () => {
    expect(await shownBy(0, -5, { state: 'stopped' })).toMatchObject({ state: 'stopped' });
  });

  it('tells of what changed before it', async () => {
    expect(await shownBy(40, 50, { state: 'stopped' })).toMatchObject({ state: 'running' });
  });

  it('misses nothing that was made since', async () => {
    await insertVm(newVm({ state: 'running', providerId: UUID, changedAt: '2026-11-25T11:59:30.000Z' }));
    await apply({ inventory: [], seenAt: '2026-11-25T11:59:20.000Z' });
    expect(await vms.get(newVm().id)).toMatchObject({ state: 'running' });
  });

  it('does not bring back what was deleted while a network that was cut held it', async () => {
    // as quick as usual, and seen and sent 40 s ago
    await beats.write({ hostId: newHost().id, at: AT, version: seq, delaysMs: [0] });
    await insertVm(newVm({ providerId: UUID, state: 'deleted', changedAt: '2026-11-25T11:59:25.000Z' }));
    const sentAt = '2026-11-25T11:59:20.000Z';
    await apply({
      inventory: [domain()],
      seenAt: '2026-11-25T11:59:18.000Z',
      sentAt,
      events: [event('started', { at: sentAt })],
    });
    expect(await vms.get(newVm().id)).toMatchObject({ state: 'deleted' });
    expect((await events.page(newVm().id, { limit: 9 })).rows).toMatchObject([{ type: 'GuestStarted', at: sentAt }]);
    await apply({ inventory: [domain()] });
    expect(await vms.get(newVm().id)).toMatchObject({ state: 'running' });
  });

  it('that did not wait brings back what lives though it was deleted a while ago', async () => {
    expect(await shownBy(0, 30, { state: 'deleted' })).toMatchObject({ state: 'running' });
  });

  it('is believed where a clock that is ahead has dated the row', async () => {
    expect(await shownBy(40, -600, { state: 'stopped' })).toMatchObject({ state: 'running' });
  });
});

describe('a report of a host whose libvirt does not answer it', () => {
  const away = { libvirtAwaySince: new Date(Date.parse(NOW) - 25_000).toISOString() };

  it('makes the host unreachable and its VMs unknown, until an inventory shows them', async () => {
    await insertVm(newVm({ providerId: UUID, changedAt: AT }));
    await apply(away);
    expect(await hosts.get(newHost().id)).toMatchObject({
      state: 'unreachable',
      reason: expect.stringContaining('is libvirtd running?'),
    });
    expect(await vms.get(newVm().id)).toMatchObject({
      state: 'unknown',
      lastState: 'running',
      ready: { status: 'unknown', reason: 'HostSilent' },
    });
    await apply(away);
    expect(await vms.get(newVm().id)).toMatchObject({ state: 'unknown', lastState: 'running' });
    await apply({ inventory: [domain({ state: 'stopped' })] });
    expect(await hosts.get(newHost().id)).toMatchObject({ state: 'ready' });
    expect(await vms.get(newVm().id)).toMatchObject({ state: 'stopped' });
  });

  it('counts that once', async () => {
    const counted = vi.spyOn(Metrics.prototype, 'addMetric');
    await apply(away);
    await apply(away);
    expect(counted.mock.calls.filter(([name]) => name === 'HostUnreachable')).toHaveLength(1);
  });

  it('says nothing of its VMs while it may answer in a moment', async () => {
    await insertVm(newVm({ providerId: UUID, changedAt: AT }));
    await apply({ libvirtAwaySince: new Date(Date.parse(NOW) - 3000).toISOString() });
    expect(await hosts.get(newHost().id)).toMatchObject({ state: 'ready' });
    expect(await vms.get(newVm().id)).toMatchObject({ state: 'running' });
  });
});

describe('a report', () => {
  it('beats: keeps the host, and orders the look at the next beat', async () => {
    expect(await apply({ facts: { freeGiB: 7, freeMemoryMiB: 9, images: ['img-1'] } })).toMatchObject({
      beatSeconds: 10,
    });
    expect(await beats.find(newHost().id)).toEqual({
      ...{ hostId: newHost().id, at: NOW, version: seq },
      delaysMs: [0],
    });
    expect(await hosts.get(newHost().id)).toMatchObject({
      images: ['img-1'],
      facts: { pool: { freeGiB: 7, sizeGiB: 500 }, freeMemoryMiB: 9, cores: 8 },
    });
    expect(workflows.messages('beats')).toEqual([{ delay: 35, body: { hostId: newHost().id, beatSeq: seq } }]);
  });

  it('that comes again changes nothing', async () => {
    await insertVm(newVm({ state: 'stopped' }));
    await apply({ events: [event('started')] });
    const rows = structuredClone([...table.rows.values()]);
    const speaker = await hosts.withBeat(newHost().id);
    await applyReport(speaker, { ...report(), seq: speaker.beat?.version ?? 0, events: [event('stopped')] }, NOW);
    expect([...table.rows.values()]).toEqual(rows);
    expect(workflows.sqs.commandCalls(SendMessageCommand)).toHaveLength(1);
  });

  it('that tells nothing new costs two reads at once and one small write, which no index and no listener has', async () => {
    await apply();
    const before = structuredClone(table.of('host'));
    const calls = table.mock.calls().length;
    await apply();
    expect(
      table.mock
        .calls()
        .slice(calls)
        .map(({ args: [command] }) => command.constructor.name),
    ).toEqual(['BatchGetCommand', 'PutCommand']);
    expect(table.of('host')).toEqual(before);
    expect(table.of('beat')).toMatchObject([{ version: seq }]);
    expect(Object.keys(table.of('beat')[0] ?? {}).filter((name) => name.startsWith('gsi'))).toEqual([]);
  });

  it('after one that an earlier release took in is news only where it is later, and takes the beat out of the host’s row', async () => {
    const host = await hosts.get(newHost().id);
    await hosts.swap(host, { ...host, beatSeq: 500, beatAt: AT });
    await insertVm(newVm({ state: 'stopped' }));
    const speak = async (no: number) =>
      applyReport(await hosts.withBeat(host.id), { ...report({ events: [event('started')] }), seq: no }, NOW);
    await speak(500);
    expect(await vms.get(newVm().id)).toMatchObject({ state: 'stopped' });
    expect(table.of('beat')).toEqual([]);
    await speak(501);
    expect(await vms.get(newVm().id)).toMatchObject({ state: 'running' });
    expect(await beats.find(host.id)).toMatchObject({ version: 501 });
    expect(await hosts.get(host.id)).toMatchObject({ beatSeq: 0, state: 'ready' });
  });

  it('that is overtaken by a later one leaves the later beat', async () => {
    const speaker = await hosts.withBeat(newHost().id);
    const early = report();
    await apply();
    await applyReport(speaker, early, '2026-11-25T12:00:01.000Z');
    expect(await beats.find(newHost().id)).toMatchObject({ at: NOW, version: seq });
  });

  it.each([
    ['soon', '2026-11-26T12:00:00.000Z', true],
    ['late', '2027-02-20T12:00:00.000Z', false],
  ])('renews a token that ends %s', async (_, endsAt, renewed) => {
    expect('token' in (await apply({}, endsAt))).toBe(renewed);
    expect(table.of('token')).toHaveLength(renewed ? 1 : 0);
  });
});

describe('an event of a guest', () => {
  it.each([
    ['stopped', 'stopped', 'false'],
    ['crashed', 'error', 'false'],
    ['paused', 'suspended', 'false'],
    ['resumed', 'running', 'unknown'],
  ] as const)('%s makes its VM %s', async (kind, state, ready) => {
    await insertVm(newVm({ state: kind === 'resumed' ? 'suspended' : 'running' }));
    await apply({ events: [event(kind, { serialTail: 'login:' })] });
    expect(await vms.get(newVm().id)).toMatchObject({ state, ready: { status: ready } });
    const { rows } = await events.page(newVm().id, {});
    expect(rows).toMatchObject([{ detail: { reason: 'told', serialTail: 'login:' } }]);
  });

  it('that an error of its disk paused says which disk, and why', async () => {
    await insertVm(newVm({ state: 'running' }));
    await apply({ events: [event('paused', { reason: 'ioerror: enospc on /p/a' })] });
    expect((await vms.get(newVm().id)).ready).toMatchObject({
      reason: 'PausedOnIoError',
      message: 'The VM is suspended: PausedOnIoError (enospc on /p/a).',
    });
  });

  it.each(['rebooted', 'booted'])(
    'that it %s makes its readiness an open question until it is told',
    async (reason) => {
      const ready = async () => (await vms.get(newVm().id)).ready;
      await insertVm(newVm());
      await apply({ events: [event('started', { reason })] });
      expect(await ready()).toMatchObject({ status: 'unknown', reason: 'Starting' });
      await apply({ events: [event('ready', { reason: 'AgentAnswers' })] });
      expect(await ready()).toMatchObject({ status: 'true', reason: 'AgentAnswers' });
      await apply({ events: [event('started', { reason }), event('not-ready', { reason: 'NotReadyInTime' })] });
      expect(await ready()).toMatchObject({ status: 'false', reason: 'NotReadyInTime' });
    },
  );

  it('that it booted once more on its way up writes nothing', async () => {
    await insertVm(newVm());
    await apply({ events: [event('started')] });
    const row = await vms.get(newVm().id);
    await apply({ events: [event('started'), event('started')] });
    expect(await vms.get(newVm().id)).toEqual(row);
  });

  it('that it started changes nothing of a VM that is deleted', async () => {
    await insertVm(newVm({ state: 'deleted', ready: { status: 'false', reason: 'NotRunning', message: '', at: AT } }));
    await apply({ events: [event('started')] });
    expect(await vms.get(newVm().id)).toMatchObject({ state: 'deleted', ready: { reason: 'NotRunning' } });
  });

  it('takes its time by our clock, however wrong the host is', async () => {
    await insertVm(newVm());
    await apply({ sentAt: '2020-01-01T00:01:00.000Z', events: [event('ready', { at: '2020-01-01T00:00:00.000Z' })] });
    expect((await vms.get(newVm().id)).ready.at).toBe('2026-11-25T11:59:00.000Z');
  });

  it('of a VM on another host is not heard', async () => {
    await insertVm(newVm({ location: { hostId: 'h-0000000000000002' } }));
    await apply({ events: [event('stopped')] });
    expect((await vms.get(newVm().id)).state).toBe('running');
  });

  it.each([
    ['ready', 'true'],
    ['not-ready', 'false'],
  ] as const)('%s ends the wait for it, and is no failure', async (kind, status) => {
    await waiting('start-vm', await insertVm(newVm({ state: 'stopped' })), 'Await Ready');
    await apply({ events: [event(kind, { addresses: ['192.0.2.9'] })] });
    expect(told()).toMatchObject([{ taskToken: 'token', output: expect.stringContaining(`"status":"${status}"`) }]);
    expect(await vms.get(newVm().id)).toMatchObject({ state: 'pending', addresses: ['192.0.2.9'] });
  });

  it('stopped ends a stop that was asked for; what else is seen stands beside the state', async () => {
    await waiting('stop-vm', await insertVm(newVm()), 'Ask To Stop');
    await apply({ events: [event('shutdown')] });
    expect(told()).toEqual([]);
    await apply({ events: [event('stopped')] });
    expect(told()).toMatchObject([{ taskToken: 'token' }]);
    expect(await vms.get(newVm().id)).toMatchObject({ state: 'stopping', lastState: 'stopped' });
  });

  it('started does not end a start whose command has still to answer', async () => {
    await waiting('start-vm', await insertVm(newVm({ state: 'stopped' })), 'Start');
    await apply({ events: [event('started')] });
    expect(told()).toEqual([]);
  });
});

describe('an inventory', () => {
  it('shows strangers at once, read-only, and forgets them when they are gone', async () => {
    const stranger = domain({ uuid: '11111111-2222-4333-8444-555555555555', name: 'Old Box', installation: 'other' });
    await apply({ inventory: [stranger] });
    const [first] = await Array.fromAsync(vms.all());
    expect(first).toMatchObject({ name: 'Old Box', managed: false, state: 'running' });
    await apply({ inventory: [stranger] });
    expect((await Array.fromAsync(vms.all())).map(({ id }) => id)).toEqual([first?.id]);
    await apply({ inventory: [] });
    expect(await Array.fromAsync(vms.all())).toEqual([]);
  });

  it('marks a VM of ours lost that is not there, and finds it again', async () => {
    await insertVm(newVm({ providerId: UUID }));
    await apply({ inventory: [] });
    expect(await vms.get(newVm().id)).toMatchObject({ state: 'lost', lastState: 'running' });
    await apply({ inventory: [domain()] });
    expect((await vms.get(newVm().id)).state).toBe('running');
  });

  it('marks a young VM lost at once where its host says that its domain was undefined', async () => {
    leaves('VmLost');
    const young = newVm({ providerId: UUID, state: 'stopped', changedAt: NOW });
    await insertVm(young);
    await apply({ inventory: [] });
    expect((await vms.get(young.id)).state).toBe('stopped');
    await apply({ events: [event('undefined')], inventory: [] });
    expect(await vms.get(young.id)).toMatchObject({ state: 'lost', lastState: 'stopped' });
  });

  it('ends a stop whose event was lost', async () => {
    await waiting('stop-vm', await insertVm(newVm({ providerId: UUID })), 'Ask To Stop');
    await apply({ inventory: [domain({ state: 'stopped' })] });
    expect(told()).toMatchObject([{ taskToken: 'token' }]);
  });
});

describe('a host that was silent', () => {
  beforeEach(async () => {
    const host = await hosts.get(newHost().id);
    await hosts.swap(host, { ...host, state: 'unreachable', reason: 'No beat.' });
    await insertVm(newVm({ state: 'unknown', lastState: 'running', providerId: UUID }));
  });

  it('is ready with its next report, its VMs as they were seen last', async () => {
    await apply();
    const host = await hosts.get(newHost().id);
    expect(host.state).toBe('ready');
    expect(host.reason).toBeUndefined();
    const vm = await vms.get(newVm().id);
    expect(vm.state).toBe('running');
    expect(vm.lastState).toBeUndefined();
  });

  it('is draining again where it was, or was made so meanwhile', async () => {
    const host = await hosts.get(newHost().id);
    await hosts.swap(host, { ...host, active: false });
    await apply();
    expect(await hosts.get(newHost().id)).toMatchObject({ state: 'draining', active: false });
  });

  it('is believed about what happened meanwhile', async () => {
    await apply({ inventory: [domain({ state: 'stopped' })] });
    expect((await vms.get(newVm().id)).state).toBe('stopped');
  });
});

describe('what a host is known by', () => {
  const link = 'b'.repeat(64);
  const facts = { freeGiB: 1, freeMemoryMiB: 1, images: [] };

  it('is asked for with its facts until it is told, and kept', async () => {
    expect(await apply()).not.toHaveProperty('wanted');
    expect(await apply({ facts })).toMatchObject({ wanted: { identity: true } });
    expect(await apply({ facts: { ...facts, identity: link } })).not.toHaveProperty('wanted');
    expect((await hosts.get(newHost().id)).identity).toBe(link);
    expect(await apply({ facts })).not.toHaveProperty('wanted');
  });
});

describe('a late result', () => {
  const result = (op: string, attempt: number) => ({
    op,
    attempt,
    answer: { ok: true as const, result: { state: 'running' } },
  });

  it('ends the wait of its attempt, and no other', async () => {
    const { id } = await waiting('start-vm', await insertVm(newVm({ state: 'stopped' })), 'Start');
    await apply({ results: [result(id, 2)] });
    expect(told()).toEqual([]);
    await apply({ results: [result(id, 1)] });
    expect(told()).toMatchObject([{ taskToken: 'token' }]);
  });

  it('of a fault fails the task by its name', async () => {
    const { id } = await waiting('start-vm', await insertVm(newVm({ state: 'stopped' })), 'Start');
    await apply({ results: [{ op: id, attempt: 1, answer: { ok: false, fault: 'DiskFull', detail: 'full' } }] });
    expect(told()).toMatchObject([{ error: 'DiskFull' }]);
  });
});
