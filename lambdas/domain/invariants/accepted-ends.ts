import { isOpen, type Operation } from '../operation.ts';
import type { Vm } from '../vm.ts';
import type { VmState } from '../vm-state.ts';
import { type Finding, found } from './kinds.ts';
import { isPastGrace, isSettled, type Known } from './world.ts';

const HOUR_MS = 3_600_000;

/** The machines' own time-outs (TimeoutSeconds of step-functions/), and an hour for what undoes them. */
const LONGEST_MS = (kind: Operation['kind']): number =>
  (kind === 'create-vm' || kind === 'enrol-host' ? 9 : 3) * HOUR_MS;

const PASSING: ReadonlySet<VmState> = new Set(['pending', 'stopping', 'deleting', 'migrating']);

const overdue = ({ at, operations }: Known): Finding[] =>
  operations
    .filter((each) => isOpen(each) && Date.parse(at) - Date.parse(each.createdAt) > LONGEST_MS(each.kind))
    .map(({ id, kind, state, createdAt }) =>
      found('OperationOverdue', {
        subject: id,
        detail: `${kind} is ${state} since ${createdAt}.`,
        since: createdAt,
      }),
    );

/** The first of each row of several that all have ended, and not just now: the sweeper comes each minute. */
const leftTogether = (world: Known): string[] =>
  world.openTogether.flatMap((ids) => {
    const isLeft = ids.every((id) => {
      const row = world.operation.get(id);
      return row === undefined || (!isOpen(row) && isPastGrace(world, row.endedAt ?? row.createdAt));
    });
    return isLeft ? ids.slice(0, 1) : [];
  });

const sweeping = (world: Known): Finding[] => {
  const { operations, operation, opens, openTogether } = world;
  const open = new Set([...opens, ...openTogether.flat()]);
  const unseen = operations.filter((each) => isOpen(each) && !open.has(each.id));
  const left = opens.filter((id) => {
    const row = operation.get(id);
    return row === undefined || !isOpen(row);
  });
  return [
    ...unseen.map(({ id, kind, state }) =>
      found('OperationUnswept', { subject: id, detail: `${kind} is ${state} and has no open row.` }),
    ),
    ...[...left, ...leftTogether(world)].map((id) =>
      found('OpenRowLeft', {
        subject: id,
        detail: `The operation ${operation.has(id) ? 'has ended' : 'is not there'}, its open row is.`,
      }),
    ),
  ];
};

const heldByNobody = ({ operation }: Known, { id, name, lock }: Vm): Finding[] => {
  if (lock === undefined) return [];
  const holder = operation.get(lock.operationId);
  if (holder && isOpen(holder)) return [];
  const why = holder ? `has ${holder.state}` : 'is not there';
  return [
    found('VmHeldByNobody', {
      subject: id,
      detail: `${name} is held by ${lock.operationId}, which ${why}.`,
      since: lock.since,
    }),
  ];
};

const stuck = (world: Known, vm: Vm): Finding[] =>
  vm.managed && PASSING.has(vm.state) && isSettled(world, vm)
    ? [
        found('VmStuck', {
          subject: vm.id,
          detail: `${vm.name} is ${vm.state}, and no operation holds it.`,
          since: vm.changedAt,
        }),
      ]
    : [];

const wanting = ({ ofVm }: Known, { id, name, state }: Vm): Finding[] => {
  const last = ofVm.get(id)?.at(-1);
  if (state !== 'error' || last?.state !== 'needs-attention') return [];
  const detail = `${last.kind} of ${name} could not be undone: ${last.error?.detail ?? 'no reason was recorded'}`;
  return [found('NeedsAttention', { subject: id, detail, since: last.endedAt })];
};

/** I1: no accepted operation is forgotten, and no VM waits for one that will not come. */
export const acceptedEnds = (world: Known): Finding[] => [
  ...overdue(world),
  ...sweeping(world),
  ...world.vms.flatMap((vm) => [...heldByNobody(world, vm), ...stuck(world, vm), ...wanting(world, vm)]),
];
