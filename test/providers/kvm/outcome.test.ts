import { describe, expect, it } from 'vitest';
import { FAULTS } from '../../../lambdas/domain/faults.ts';
import { answerOfHost, answerOfResult, type Invocation, resultOf } from '../../../lambdas/providers/kvm/outcome.ts';
import { answerLine } from '../../support/kvm.ts';

const ran = (code: number, answer: object | string, status = code === 0 ? 'Success' : 'Failed'): Invocation => ({
  Status: status,
  StatusDetails: status,
  ResponseCode: code,
  StandardOutputContent: typeof answer === 'string' ? answer : answerLine(answer),
  StandardErrorContent: 'trace\n',
});
const fault = (name: string) => ({ ok: false, fault: name, detail: 'because' });
const running = { ok: true, result: { state: 'running' } };

describe('a command', () => {
  it.each(['Pending', 'InProgress', 'Delayed', 'Cancelling', undefined])('that is %s has no result yet', (status) => {
    expect(resultOf({ Status: status })).toBeUndefined();
  });

  it('that succeeded carries its result', () => expect(resultOf(ran(0, running))).toEqual({ state: 'running' }));

  it.each<[string, Invocation, string]>([
    ['exit 10', ran(10, fault('DiskFull')), 'DiskFull'],
    ['exit 10 with a name of its own', ran(10, fault('Gremlins')), 'HostFault'],
    ['exit 10 with a name every object has', ran(10, fault('toString')), 'HostFault'],
    ['exit 10 without an answer', ran(10, ''), 'CommandGarbled'],
    ['exit 10 that says ok', ran(10, running), 'CommandGarbled'],
    ['exit 0 that says fault', ran(0, fault('DiskFull')), 'CommandGarbled'],
    ['exit 0 without an answer', ran(0, 'hello'), 'CommandGarbled'],
    ['exit 0 that SSM calls failed', ran(0, running, 'Failed'), 'CommandGarbled'],
    ['exit 11', ran(11, fault('CommandFenced')), 'CommandFenced'],
    ['exit 11 without an answer', ran(11, ''), 'CommandFenced'],
    ['exit 12 without an answer', ran(12, ''), 'SpecRefused'],
    ['exit 13 without an answer', ran(13, ''), 'HostUnitOutdated'],
    ['a crash', ran(1, 'Traceback'), 'HostFault'],
    ['a crash after an answer', ran(139, running), 'HostFault'],
    ['no exit code', { Status: 'Success', StandardOutputContent: answerLine(running) }, 'HostFault'],
    ['no output at all', { Status: 'Success', ResponseCode: 0 }, 'CommandGarbled'],
    ['late delivery', { Status: 'TimedOut', StatusDetails: 'Delivery Timed Out' }, 'HostUnreachable'],
    ['late delivery, unspaced', { Status: 'TimedOut', StatusDetails: 'DeliveryTimedOut' }, 'HostUnreachable'],
    ['a status of its own', { Status: 'DeliveryTimedOut' }, 'HostUnreachable'],
    ['a run over its time', { Status: 'TimedOut', StatusDetails: 'Execution Timed Out' }, 'TimedOut'],
    ['a bare time-out', { Status: 'TimedOut' }, 'TimedOut'],
    ['no delivery', { Status: 'Failed', StatusDetails: 'Undeliverable' }, 'HostUnreachable'],
    ['a cancel', { Status: 'Cancelled', StatusDetails: 'Cancelled' }, 'Cancelled'],
    ['a termination', { Status: 'Cancelled', StatusDetails: 'Terminated' }, 'Cancelled'],
    ['another platform', { Status: 'Failed', StatusDetails: 'Invalid Platform' }, 'HostFault'],
    ['no access', { Status: 'Failed', StatusDetails: 'Access Denied' }, 'ProviderDenied'],
    ['a status SSM may invent', { Status: 'Exploded' }, 'HostFault'],
  ])('with %s is %s', (_, invocation, name) => {
    expect(() => resultOf(invocation)).toThrow(expect.objectContaining({ name }));
    expect(FAULTS).toHaveProperty(name);
  });

  it('keeps what the host wrote to stderr of a crash', () =>
    expect(() => resultOf(ran(1, ''))).toThrow(/code 1\. trace/));

  it('of a host that crashed in silence says just the code', () => {
    expect(() => resultOf({ Status: 'Failed', ResponseCode: 1 })).toThrow(/code 1\.$/);
  });
});

describe("a host's result", () => {
  const uuid = '2ba9e0b4-5d58-5b9b-8cf0-26e0c5e1a111';

  it('is done, with what it knows of the VM', () => {
    const disks = [
      { path: '/p/a.qcow2', sizeGiB: 2 },
      { path: '/p/b.qcow2', sizeGiB: 5 },
    ];
    expect(answerOfResult({ state: 'running', uuid, disks, detail: 'was running' })).toEqual({
      status: 'done',
      observed: {
        state: 'running',
        providerId: uuid,
        disks: [
          { name: 'vda', sizeGiB: 2, boot: true, providerId: '/p/a.qcow2' },
          { name: 'vdb', sizeGiB: 5, boot: false, providerId: '/p/b.qcow2' },
        ],
      },
      detail: 'was running',
    });
  });

  it('of a VM that is gone is deleted', () => {
    expect(answerOfResult({ state: 'gone' })).toEqual({ status: 'done', observed: { state: 'deleted' } });
  });

  it.each([
    [{ state: 'fetching' }, 'fetching'],
    [{ state: 'stopping', detail: 'ACPI asked' }, 'ACPI asked'],
  ])('%o is pending still', (result, detail) => expect(answerOfResult(result)).toEqual({ status: 'pending', detail }));

  it('of no known state is garbled', () => {
    expect(() => answerOfResult({ state: 'flying' })).toThrow(expect.objectContaining({ name: 'CommandGarbled' }));
  });

  it('comes by a report as by a command', () => {
    expect(answerOfHost({ ok: true, result: { state: 'stopped' } })).toMatchObject({ observed: { state: 'stopped' } });
    expect(() => answerOfHost({ ok: false, fault: 'ChecksumMismatch', detail: 'no' })).toThrow(
      expect.objectContaining({ name: 'ChecksumMismatch' }),
    );
  });
});
