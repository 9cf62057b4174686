import { observe as sighted, strangerId } from './observation.ts';
import type { Observed, Vm } from './vm.ts';
import { isOff, type VmState } from './vm-state.ts';

/** Everything a place was seen to hold at one moment, beside the rows we have of it. */
export interface Sight {
  readonly installation: string;
  readonly rows: readonly Vm[];
  readonly observed: readonly Observed[];
  /** When it was seen, an Instant. */
  readonly at: string;
  /** How long this place may take to show what is there: a VM that changed since is not missed yet. */
  readonly lagSeconds: number;
  /** How long ago it was seen by `at`: what changed since then is judged by the next look. */
  readonly agedSeconds?: number;
  /** How long it takes at most, from `at` on, until the rows are laid beside it: what changed meanwhile waits as well. */
  readonly takenInSeconds: number;
  /** Ids at the provider of what the place itself told to be taken away, and when: that is no lag. */
  readonly takenAway?: ReadonlyMap<string, string>;
}

/** What the rows want for. There is no deletion of anything but a stranger's row: reconcile never takes a VM away. */
export interface Differences {
  /** Sights that tell something new, of a known VM or of one that has no row. */
  readonly news: readonly { readonly vm?: Vm; readonly look: Observed }[];
  /** Managed VMs that are not there. */
  readonly lost: readonly Vm[];
  /** Rows of strangers that are not there any more. */
  readonly gone: readonly Vm[];
  /** VMs that live, though their row says that they were deleted: a table that was restored, or somebody's hand. */
  readonly returned: readonly { readonly vm: Vm; readonly look: Observed }[];
}

/** What no VM is in that was taken away a moment ago. */
const ALIVE: readonly VmState[] = ['running', 'stopped', 'suspended', 'saved'];

const ABSENT: readonly VmState[] = ['deleted', 'deleting', 'lost', 'pending'];

const sinceChange = (vm: Vm, at: string): number => (Date.parse(at) - Date.parse(vm.changedAt)) / 1000;

/**
 * The row changed after it was seen so: such a look would take back what an operation or an event has written since. A row
 * that is dated later than the sight was taken in was dated by a clock that is ahead, and is judged.
 */
const isOutdated = (vm: Vm, { at, agedSeconds = 0, takenInSeconds }: Sight): boolean => {
  const since = sinceChange(vm, at);
  return since > -takenInSeconds && since < agedSeconds;
};

const isSettled = (vm: Vm, { at, lagSeconds, agedSeconds = 0, takenAway }: Sight): boolean => {
  const toldAt = takenAway?.get(vm.providerId ?? '');
  if (toldAt !== undefined && toldAt >= vm.changedAt) return true;
  return sinceChange(vm, at) > lagSeconds + agedSeconds;
};

/** Finds the row that an observed VM belongs to, as the store does: by our mark, by its id at the provider, as a stranger. */
const finderOf = ({ installation, rows }: Sight) => {
  const byId = new Map(rows.map((vm) => [vm.id, vm]));
  const byProviderId = new Map(
    rows.flatMap((vm) => (vm.providerId === undefined ? [] : [[vm.providerId, vm] as const])),
  );
  return (look: Observed): Vm | undefined => {
    const marked = look.vmId === undefined ? undefined : byId.get(look.vmId);
    if (marked && (marked.providerId === undefined || marked.providerId === look.providerId)) return marked;
    return byProviderId.get(look.providerId) ?? byId.get(strangerId(installation, look));
  };
};

/** Compares rows with what was seen. A VM that an operation holds is left to it, but for the facts. */
export const differences = (sight: Sight): Differences => {
  const find = finderOf(sight);
  const found = sight.observed.map((look) => ({ look, vm: find(look) }));
  const seen = new Set(found.flatMap(({ vm }) => (vm ? [vm.id] : [])));
  const isReturned = ({ look, vm }: (typeof found)[number]): boolean =>
    vm?.state === 'deleted' && vm.lock === undefined && ALIVE.includes(look.state) && isSettled(vm, sight);
  const missing = sight.rows.filter((vm) => !seen.has(vm.id) && vm.lock === undefined);
  return {
    news: found
      .filter((each) => !isReturned(each) && !(each.vm && isOutdated(each.vm, sight)))
      .filter(({ look, vm }) => (vm ? sighted(vm, look, sight.at) !== vm : look.state !== 'deleted'))
      .map(({ look, vm }) => (vm ? { look, vm } : { look })),
    lost: missing.filter((vm) => vm.managed && !ABSENT.includes(vm.state) && isSettled(vm, sight)),
    gone: missing.filter((vm) => !vm.managed),
    returned: found.flatMap((each) => (each.vm && isReturned(each) ? [{ vm: each.vm, look: each.look }] : [])),
  };
};

const NOTHING_SEEN: readonly Observed[] = [];

/** A look that was one before it was text. */
const lookOf = (text: string): Observed => JSON.parse(text);

/**
 * A comparison that takes its looks and then its rows one by one, and holds on only to what may differ, so that a whole
 * fleet never lies in memory. `rest` is a sight with the same differences as that of everything.
 */
export class Comparison {
  readonly #sight: Omit<Sight, 'rows'>;
  /** By id at the provider, as JSON: text is a fraction of the objects that it stands for. */
  readonly #looks = new Map<string, string>();
  readonly #rows: Vm[] = [];

  constructor(sight: Omit<Sight, 'rows' | 'observed'>) {
    this.#sight = { ...sight, observed: NOTHING_SEEN };
  }

  /** A VM that is there. */
  see(look: Observed): void {
    this.#looks.set(look.providerId, JSON.stringify(look));
  }

  /** How many are there of which no row has been found to agree yet. */
  get open(): number {
    return this.#looks.size;
  }

  /** A row of the place that was looked at, once all was seen that is there. */
  take(row: Vm): void {
    const text = this.#looks.get(row.providerId ?? '');
    const look = text === undefined ? undefined : lookOf(text);
    if (!this.#agrees(row, look)) this.#rows.push(row);
    else if (look) this.#looks.delete(look.providerId);
  }

  /** What the rows leave open, once all were taken. */
  rest(): Sight {
    return { ...this.#sight, rows: this.#rows, observed: Array.from(this.#looks.values(), lookOf) };
  }

  /** Nothing else can be meant by a row that knows its instance, and by a sight of it that is marked as this VM or not at all. */
  #agrees(row: Vm, look: Observed | undefined): boolean {
    if (row.providerId === undefined || (look?.vmId ?? row.id) !== row.id) return false;
    const alone = differences({ ...this.#sight, rows: [row], observed: look ? [look] : NOTHING_SEEN });
    return Object.values(alone).every((found) => found.length === 0);
  }
}

/** The row of a VM that lives after all; what was kept of it until some day is its own again. */
export const asReturned = (vm: Vm, look: Observed, at: string): Vm => {
  const { retainedUntil: _, ...rest } = vm;
  return sighted({ ...rest, state: look.state, desired: isOff(look.state) ? 'stopped' : 'running' }, look, at);
};
