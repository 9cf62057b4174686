import { createHash } from 'node:crypto';
import type { Asked } from '../domain/asked.ts';
import { Fault } from '../domain/faults.ts';
import type { Operation } from '../domain/operation.ts';
import type { LastRun, Owed, Schedule, Want } from '../domain/schedule.ts';
import { changeFor, owedFor } from '../domain/schedule-due.ts';
import { schedulePrincipal } from '../domain/schedule-principal.ts';
import type { Vm, VmOperationKind } from '../domain/vm.ts';
import { beginEach } from '../store/begin.ts';

/** What a person's start and stop take where nothing is said, and for a guest the time that was said when it was made. */
const inputFor = ({ spec }: Vm, want: Want): Operation['input'] =>
  want === 'up'
    ? { readyTimeoutSeconds: spec?.readyTimeoutSeconds ?? 300 }
    : { graceSeconds: 60, force: false, skipOsShutdown: false };

/** The schedule asks for itself. The key makes what one time asks of one VM one operation, however often it is asked. */
const askedFor = ({ id, name, project }: Schedule, vm: Vm, run: LastRun, at: string): Asked => ({
  by: { id: schedulePrincipal(id), name, project, role: 'operator', system: false },
  action: 'run-schedule',
  from: 'schedule',
  requestId: `${id}-${run.plannedAt}`,
  at,
  key: `${vm.id}/${run.plannedAt}/${run.want}`,
  hash: createHash('sha256').update(`${vm.id} ${run.plannedAt} ${run.want}`).digest('hex'),
});

interface Outcome {
  readonly begun: number;
  readonly owed: readonly Owed[];
}

/** What a VM needs, or why it cannot be asked for now. */
const neededOf = (vm: Vm, want: Want): VmOperationKind | Fault | undefined => {
  try {
    return changeFor(vm, want);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
};

/** Asks for what each VM of a run needs; one VM's trouble is not another's. @returns how many were asked for, and which not, and why */
export const bring = async (schedule: Schedule, run: LastRun, covered: readonly Vm[], at: string): Promise<Outcome> => {
  const needed = covered.map((vm) => ({ vm, kind: neededOf(vm, run.want) }));
  const unasked = needed.flatMap(({ vm, kind }) => (kind instanceof Fault ? [owedFor(vm, kind)] : []));
  const changes = needed.flatMap(({ vm, kind }) =>
    kind === undefined || kind instanceof Fault ? [] : [{ vm, change: { kind, vm, input: inputFor(vm, run.want) } }],
  );
  const came = await beginEach(changes.map(({ vm, change }) => ({ asked: askedFor(schedule, vm, run, at), change })));
  const owed = changes.flatMap(({ vm }, index) => {
    const refusal = came[index];
    return refusal instanceof Fault ? [owedFor(vm, refusal)] : [];
  });
  return { begun: changes.length - owed.length, owed: [...unasked, ...owed] };
};
