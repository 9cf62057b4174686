import { isOpen, type Operation } from '../operation.ts';
import { TRANSITIONS, type Vm } from '../vm.ts';
import { type Finding, found } from './kinds.ts';
import type { Known } from './world.ts';

/** The operations of a VM exclude each other by its lock: each has ended before the next was accepted. */
const overlaps = (operations: readonly Operation[]): Finding[] =>
  operations.flatMap((later, index) => {
    const earlier = operations[index - 1];
    if (earlier === undefined || (!isOpen(earlier) && (earlier.endedAt ?? '') <= later.createdAt)) return [];
    const until = earlier.endedAt ?? 'now';
    const detail = `${later.kind} was accepted at ${later.createdAt}, ${earlier.kind} (${earlier.id}) held the VM until ${until}.`;
    return [found('OperationsOverlap', { subject: later.id, detail, since: later.createdAt })];
  });

const illegal = ({ id, kind, before, createdAt }: Operation): Finding[] => {
  if (kind === 'create-vm' || kind === 'enrol-host' || before === undefined) return [];
  if (TRANSITIONS[kind].from.includes(before.state)) return [];
  const detail = `${kind} was accepted for a VM that was ${before.state}.`;
  return [found('TransitionIllegal', { subject: id, detail, since: createdAt })];
};

/** What in an operation's own record cannot be; undefined where it can. */
const contradiction = (operation: Operation): string | undefined => {
  const { state, steps, createdAt, endedAt, error } = operation;
  if (isOpen(operation)) return undefined;
  if (endedAt === undefined) return `it has ${state}, and no end`;
  if (endedAt < createdAt) return `it ended at ${endedAt}, before it was accepted`;
  if (operation.wait !== undefined) return `it has ${state}, and still waits for ${operation.wait.step}`;
  const running = steps.find((step) => step.state === 'running' || step.state === 'pending');
  if (running) return `it has ${state}, and its step ${running.name} is ${running.state}`;
  const back = steps.find((step) => step.endedAt !== undefined && step.endedAt < (step.startedAt ?? ''));
  if (back) return `its step ${back.name} ended before it began`;
  if ((state === 'succeeded') !== (error === undefined))
    return `it has ${state} ${error ? 'with' : 'without'} an error`;
  return undefined;
};

/** Each operation writes its VM's row when it begins and when it ends. */
const tooFewVersions = ({ id, name, version }: Vm, operations: readonly Operation[]): Finding[] => {
  const writes = operations.filter((each) => !isOpen(each)).length * 2;
  if (version >= writes) return [];
  const detail = `${name} has version ${version} after ${writes} writes of its operations: it went back.`;
  return [found('HistoryBroken', { subject: id, detail })];
};

/** I5: versions rise, operations of one VM come one after another, and none leaves the state chart. */
export const linearHistory = (world: Known): Finding[] => [
  ...[...world.ofVm.values()].flatMap(overlaps),
  ...world.operations.flatMap(illegal),
  ...world.operations.flatMap((operation) => {
    const why = contradiction(operation);
    return why === undefined
      ? []
      : [found('HistoryBroken', { subject: operation.id, detail: `${operation.kind}: ${why}.` })];
  }),
  ...[...world.ofVm].flatMap(([vmId, operations]) => {
    const vm = world.vm.get(vmId);
    return vm === undefined ? [] : tooFewVersions(vm, operations);
  }),
];
