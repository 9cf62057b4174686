import { describe, expect, it } from 'vitest';
import { isOpen, type OperationState, STEPS } from '../../lambdas/domain/operation.ts';
import { allowedActions, assertMay, TRANSITIONS, type Vm, type VmOperationKind } from '../../lambdas/domain/vm.ts';
import { VmState } from '../../lambdas/domain/vm-state.ts';
import { aVm } from '../support/kvm.ts';

const AT = '2026-11-25T10:00:00.000Z';

/** The state chart once more, as docs and people know it. */
const MAY: Record<VmState, string> = {
  pending: '',
  running: 'start stop reboot reset delete',
  stopping: '',
  stopped: 'start stop delete',
  suspended: 'start stop reset delete',
  saved: 'start stop reset delete',
  migrating: '',
  deleting: '',
  deleted: '',
  error: 'start stop delete',
  lost: 'delete',
  unknown: '',
};
const kindsOf = (words: string) =>
  words
    .split(' ')
    .filter(Boolean)
    .map((word) => `${word}-vm`);

describe('the state chart', () => {
  it.each(VmState.options)('says what may be asked of a VM that is %s', (state) => {
    const kinds = kindsOf(MAY[state]);
    expect(allowedActions({ state, managed: true })).toEqual(kinds);
    expect(allowedActions({ state, managed: false })).toEqual([]);
    for (const kind of Object.keys(TRANSITIONS) as VmOperationKind[]) {
      const asking = () => assertMay(aVm({ state }), kind);
      if (kinds.includes(kind)) expect(asking).not.toThrow();
      else expect(asking).toThrow(expect.objectContaining({ name: 'InvalidTransition' }));
    }
  });

  it('lets a deleted VM be undeleted, or purged, while its disks are kept', () => {
    expect(allowedActions({ state: 'deleted', managed: true, retainedUntil: AT })).toEqual([
      'delete-vm',
      'undelete-vm',
    ]);
  });

  it.each([
    ['start-vm', 'pending', 'running'],
    ['stop-vm', 'stopping', 'stopped'],
    ['reboot-vm', 'running', 'running'],
    ['reset-vm', 'running', 'running'],
    ['delete-vm', 'deleting', 'deleted'],
    ['undelete-vm', 'pending', 'stopped'],
  ] as const)('takes %s by %s to %s', (kind, via, to) => expect(TRANSITIONS[kind]).toMatchObject({ via, to }));
});

describe('an action is refused', () => {
  const lock = { operationId: 'op-1', reason: 'stop-vm', by: 'token:t', since: AT, expiresAt: AT };

  it.each<[string, Partial<Vm>, VmOperationKind, string, string]>([
    ['of a stranger', { managed: false, lock }, 'stop-vm', 'VmNotManaged', 'web-1 was not made by NovaCron'],
    ['of a VM that is held', { lock }, 'stop-vm', 'VmLocked', 'held by op-1 (stop-vm, asked by token:t) since 2026'],
    ['that would delete what is protected', { deletionProtection: true }, 'delete-vm', 'VmProtected', 'protection'],
    [
      'that the state does not allow',
      { state: 'saved' },
      'reboot-vm',
      'InvalidTransition',
      'Allowed now: start-vm, stop-vm, reset-vm, delete-vm.',
    ],
    [
      'that no state allows',
      { state: 'unknown' },
      'stop-vm',
      'InvalidTransition',
      'is unknown; stop-vm is not possible. Allowed now: nothing.',
    ],
  ])('%s', (_, more, kind, name, words) => {
    expect(() => assertMay(aVm(more), kind)).toThrow(
      expect.objectContaining({ name, message: expect.stringContaining(words) }),
    );
  });

  it('and nothing but a deletion by deletion protection', () => {
    expect(() => assertMay(aVm({ deletionProtection: true }), 'stop-vm')).not.toThrow();
    expect(() => assertMay(aVm(), 'delete-vm')).not.toThrow();
  });
});

it.each<[OperationState, boolean]>([
  ['queued', true],
  ['running', true],
  ['cancelling', true],
  ['undo-pending', true],
  ['succeeded', false],
  ['failed', false],
  ['cancelled', false],
  ['needs-attention', false],
])('an operation that is %s is open: %s', (state, open) => expect(isOpen({ state })).toBe(open));

it.each([
  ['create-vm', 'Launch, Await Ready, Record'],
  ['start-vm', 'Start, Await Ready, Record'],
  ['stop-vm', 'Ask To Stop, Record'],
  ['reboot-vm', 'Reboot, Await Ready, Record'],
  ['reset-vm', 'Reset, Await Ready, Record'],
  ['delete-vm', 'Remove, Record'],
  ['undelete-vm', 'Restore Definition, Record'],
  ['enrol-host', 'Prepare Host, Record'],
] as const)('%s is shown as %s', (kind, steps) => expect(STEPS[kind].join(', ')).toBe(steps));
