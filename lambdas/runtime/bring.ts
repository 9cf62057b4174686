import { createHash } from 'node:crypto';
import type { Asked } from '../domain/asked.ts';
import { Fault } from '../domain/faults.ts';
import type { Operation } from '../domain/operation.ts';
import type { LastRun, Owed, Plain, Schedule, Want } from '../domain/schedule.ts';
import { changeFor, owedFor } from '../domain/schedule-due.ts';
import { schedulePrincipal } from '../domain/schedule-principal.ts';
import { stopInput, type Wish } from '../domain/schedule-stops.ts';
import type { Vm, VmOperationKind } from '../domain/vm.ts';
import { beginEach } from '../store/begin.ts';
import type * as table from '../store/table.ts';

/** What a person's start and stop take where nothing is said, and for a guest the time that was said when it was made. */
const inputFor = (schedule: Schedule, { vm, mode }: Wish, want: Want): Operation['input'] =>
  want === 'up' ? { readyTimeoutSeconds: vm.spec?.readyTimeoutSeconds ?? 300 } : stopInput(schedule, mode);

/** The schedule asks for itself. The key makes what one time asks of one VM one operation, however often it is asked. */
const askedFor = ({ id, name, project }: Schedule, { vm, again }: Wish, run: LastRun, at: string): Asked => ({
  by: { id: schedulePrincipal(id), name, project, role: 'operator', system: false },
  action: 'run-schedule',
  from: 'schedule',
  requestId: `${id}-${run.plannedAt}`,
  at,
  key: [vm.id, run.plannedAt, run.want, ...(again ? ['plain'] : []), ...(run.follows ? [run.follows] : [])].join('/'),
  hash: createHash('sha256').update(`${vm.id} ${run.plannedAt} ${run.want}`).digest('hex'),
});

/** What came of what a run asked for. */
export interface Outcome {
  readonly begun: number;
  readonly owed: readonly Owed[];
  readonly keeping: readonly string[];
  readonly plain: readonly Plain[];
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

/** A wish that comes to an operation. */
interface Ask {
  readonly wish: Wish;
  readonly kind: VmOperationKind;
}

/** Of what a run has asked for: ids of VMs whose memory is being kept, and those of which it is not, though that is wished. */
const stopsOf = (asks: readonly Ask[]): Pick<Outcome, 'keeping' | 'plain'> => {
  const stops = asks.flatMap(({ wish, kind }) => (kind === 'stop-vm' ? [wish] : []));
  return {
    keeping: stops.flatMap(({ vm, mode }) => (mode === 'stop' ? [] : [vm.id])),
    plain: stops.flatMap(({ vm, lack }) => (lack === undefined ? [] : [{ vmId: vm.id, vmName: vm.name, cause: lack }])),
  };
};

/** A run that died in the midst finds under way what it has asked for. */
const isUnderWay = ({ vm, mode }: Wish, { want }: LastRun): boolean =>
  want === 'down' && mode !== 'stop' && vm.lock !== undefined;

/** What was refused: it is owed, but for what is asked for a second time, which is found again as it was found now. */
const refusedOf = (refused: readonly (readonly [Wish, Fault])[]): Pick<Outcome, 'owed' | 'keeping'> => ({
  owed: refused.flatMap(([{ vm, again }, fault]) => (again ? [] : [owedFor(vm, fault)])),
  keeping: refused.flatMap(([{ vm, again }]) => (again ? [vm.id] : [])),
});

/** What each VM of a run needs, or why it cannot be asked for now; nothing where it is there, or on its way. */
interface Needed {
  readonly wish: Wish;
  readonly kind: VmOperationKind | Fault | undefined;
}

const asksOf = (needed: readonly Needed[]): Ask[] =>
  needed.flatMap(({ wish, kind }) => (kind === undefined || kind instanceof Fault ? [] : [{ wish, kind }]));

/** `refusalOf` tells why what was asked for was not begun. */
const outcomeOf = (run: LastRun, needed: readonly Needed[], refusalOf: (wish: Wish) => Fault | undefined): Outcome => {
  const asks = asksOf(needed);
  const refused = refusedOf([
    ...needed.flatMap(({ wish, kind }) => (kind instanceof Fault ? [[wish, kind] as const] : [])),
    ...asks.flatMap(({ wish }) => {
      const refusal = refusalOf(wish);
      return refusal ? [[wish, refusal] as const] : [];
    }),
  ]);
  const begun = asks.filter(({ wish }) => refusalOf(wish) === undefined);
  const under = needed.flatMap(({ wish, kind }) => (kind === undefined && isUnderWay(wish, run) ? [wish.vm.id] : []));
  const { keeping, plain } = stopsOf(begun);
  return { begun: begun.length, owed: refused.owed, keeping: [...under, ...keeping, ...refused.keeping], plain };
};

/** What came of it, and whether that is noted. */
export interface Brought extends Outcome {
  readonly isNoted: boolean;
}

/**
 * Asks for what each VM of a run needs; one VM's trouble is not another's. `noting` gives the write by which it is noted what comes
 * of it, if it can: it is made with the last operation, where all are begun.
 */
export const bring = async (
  schedule: Schedule,
  run: LastRun,
  wishes: readonly Wish[],
  at: string,
  noting: (outcome: Outcome) => table.Write | undefined,
): Promise<Brought> => {
  const needed = wishes.map((wish) => ({ wish, kind: neededOf(wish.vm, run.want) }));
  const asks = asksOf(needed);
  const came = await beginEach(
    asks.map(({ wish, kind }) => ({
      asked: askedFor(schedule, wish, run, at),
      change: { kind, vm: wish.vm, input: inputFor(schedule, wish, run.want) },
    })),
    noting(outcomeOf(run, needed, () => undefined)),
  );
  const refusals = new Map(
    asks.flatMap(({ wish }, index) => {
      const refusal = came.each[index];
      return refusal instanceof Fault ? [[wish, refusal] as const] : [];
    }),
  );
  return { ...outcomeOf(run, needed, (wish) => refusals.get(wish)), isNoted: came.isLastWritten };
};
