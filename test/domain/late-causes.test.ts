import { describe, expect, it } from 'vitest';
import { noticeOfMissed } from '../../lambdas/alerting/schedule-notice.ts';
import { withRun } from '../../lambdas/domain/digest.ts';
import { FAULTS, Fault } from '../../lambdas/domain/faults.ts';
import { toDoAbout, whatToDo } from '../../lambdas/domain/late-causes.ts';
import type { Operation } from '../../lambdas/domain/operation.ts';
import type { Schedule, Want } from '../../lambdas/domain/schedule.ts';
import { lateness, owedFor } from '../../lambdas/domain/schedule-due.ts';
import type { Vm } from '../../lambdas/domain/vm.ts';
import { toFault } from '../../lambdas/providers/ec2/errors.ts';
import { AT, newSchedule, newVm } from '../support/api.ts';
import { anOperation } from '../support/world.ts';

/** As EC2's client throws it. */
const sdkError = (code: string, message: string): Error =>
  Object.assign(new Error(message), { name: code, $fault: 'client', $metadata: { httpStatusCode: 400 } });
const asked = (code: string, message: string): Fault => toFault(sdkError(code, message), 'StartInstances');

const ranFor = (want: Want, more = {}): Schedule =>
  newSchedule({
    lastRun: { plannedAt: AT, ranAt: AT, want, because: 'x', vms: 1, begun: 1, skipped: false, owed: [], ...more },
  });
const operation = (more: Partial<Operation>): Operation =>
  anOperation(1, { by: `schedule:${newSchedule().id}`, createdAt: AT, ...more });
const failed = ({ name, message }: Fault, kind: Operation['kind']): Operation =>
  operation({ kind, state: 'failed', error: { name, detail: message } });

const noticed = (vm: Vm, schedule: Schedule, last?: Operation) => {
  const late = lateness(vm, schedule, last);
  const { name, id, project, graceMinutes, lastRun } = schedule;
  return (
    late &&
    noticeOfMissed({
      ...{ id: 'n', scheduleId: id, scheduleName: name, project, graceMinutes, vms: 1, late: [late], because: 'x' },
      ...{ plannedAt: AT, want: lastRun?.want ?? 'up' },
    })
  );
};

describe('a VM that should be up and is not ready', () => {
  const stopped = newVm({ state: 'stopped' });
  it.each([
    ['capacity', asked('InsufficientInstanceCapacity', 'none of it'), 'CapacityUnavailable', 'give its VM more types'],
    ['KMS', asked('InvalidKMSKey.InvalidState', 'The KMS key is disabled'), 'SpecRefused', 'The KMS key of its disk'],
    ['quota', asked('VcpuLimitExceeded', 'more vCPU than allowed'), 'QuotaExceeded', 'ask for more in Service Quotas'],
    ['host away', new Fault('HostUnreachable', 'silent'), 'HostUnreachable', 'follows once it speaks again'],
    ['rights', asked('UnauthorizedOperation', 'no'), 'ProviderDenied', 'novacron doctor --aws'],
  ])('is told with its cause and what to do: %s', (_, fault, name, todo) => {
    const byOperation = noticed(stopped, ranFor('up'), failed(fault, 'start-vm'));
    const owed = noticed(stopped, ranFor('up', { owed: [owedFor(stopped, fault)] }));
    for (const notice of [byOperation, owed]) {
      expect(notice?.title).toContain('should be up by schedule office and is not ready');
      expect(notice?.facts[0]?.[1]).toMatch(new RegExp(`^${name}: `));
      expect(notice?.advice[0]).toContain(todo);
    }
  });

  it('is told where it runs and is not ready', () => {
    const vm = newVm({ ready: { status: 'false', reason: 'NotReadyInTime', message: 'no answer', at: AT } });
    expect(noticed(vm, ranFor('up'))?.advice[0]).toContain('novacron vm console-log');
  });
});

describe('a VM that waits for another', () => {
  const cause = 'CapacityUnavailable: none of it';
  const late = {
    vmId: 'vm-2',
    vmName: 'app-1',
    state: 'stopped' as const,
    cause: `waits for db: db-1: ${cause}`,
    needs: { node: 'db', vmId: 'vm-1', vmName: 'db-1', cause },
  };

  it('is told what to do about that one, and what follows', () => {
    expect(toDoAbout(late)).toEqual([
      expect.stringContaining('give its VM more types'),
      'What waits for db-1 follows by itself once that has come, for an hour.',
    ]);
    expect(toDoAbout({ cause: 'it is stopped' })).toEqual([]);
  });

  it('is named in the digest with that one and its cause', () => {
    const schedule = ranFor('up', { late: [late] });
    const [run] = withRun({ ...schedule, digest: '08:00' }, schedule.lastRun);
    expect(run?.named).toEqual([`app-1 (waits for db: db-1: ${cause})`]);
  });
});

describe('a VM that should be off and runs', () => {
  const running = newVm({});
  it.each([
    [
      'its guest did not stop',
      failed(new Fault('GraceOver', 'it did not stop'), 'stop-vm'),
      /^GraceOver: /,
      'vm stop --force',
    ],
    ['EC2 denied it', failed(asked('UnauthorizedOperation', 'no'), 'stop-vm'), /^ProviderDenied: /, 'doctor'],
    [
      'somebody started it elsewhere',
      operation({ kind: 'stop-vm', state: 'succeeded' }),
      /outside of NovaCron/,
      'All of it',
    ],
  ])('is told with its cause: %s', (_, last, cause, todo) => {
    const notice = noticed(running, ranFor('down'), last);
    expect(notice?.title).toBe('web-1 should be off by schedule office and runs');
    expect(notice?.facts[0]?.[1]).toMatch(cause);
    expect(notice?.advice[0]).toContain(todo);
  });

  it('is told while its host is silent, and not once a person has started it', () => {
    const silent = newVm({ state: 'unknown', lastState: 'running' });
    const owed = [owedFor(silent, new Fault('HostUnreachable', 'silent'))];
    expect(noticed(silent, ranFor('down', { owed }))?.facts[0]?.[1]).toMatch(/^HostUnreachable/);
    expect(noticed(running, ranFor('down'), operation({ kind: 'start-vm', by: 'oidc:anna' }))).toBeUndefined();
  });
});

it('says nothing of what it does not know', () => {
  expect(whatToDo('it is stopped')).toBeUndefined();
  expect(whatToDo('toString: x')).toBeUndefined();
  expect(Object.keys(FAULTS).filter((name) => whatToDo(`${name}: x`) !== undefined).length).toBeGreaterThan(12);
});
