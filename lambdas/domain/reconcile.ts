import { observe as sighted, strangerId } from './observation.ts';
import type { Observed, Vm, VmState } from './vm.ts';

/** Everything a place was seen to hold at one moment, beside the rows we have of it. */
export interface Sight {
  readonly installation: string;
  readonly rows: readonly Vm[];
  readonly observed: readonly Observed[];
  /** When it was seen, an Instant. */
  readonly at: string;
  /** How long this place may take to show what is there: a VM that changed since is not missed yet. */
  readonly lagSeconds: number;
  /** Ids at the provider of what the place itself told to be taken away, and when: that is no lag. */
  readonly takenAway?: ReadonlyMap<string, string>;
}

/** What the rows want for. There is no deletion of anything but a stranger's row: reconcile never takes a VM away. */
export interface Differences {
  /** Sights that tell something new, of a known VM or of a stranger. */
  readonly news: readonly Observed[];
  /** Managed VMs that are not there. */
  readonly lost: readonly Vm[];
  /** Rows of strangers that are not there any more. */
  readonly gone: readonly Vm[];
}

const ABSENT: readonly VmState[] = ['deleted', 'deleting', 'lost', 'pending'];

const isSettled = (vm: Vm, { at, lagSeconds, takenAway }: Sight): boolean => {
  const toldAt = takenAway?.get(vm.providerId ?? '');
  if (toldAt !== undefined && toldAt >= vm.changedAt) return true;
  return Date.parse(at) - Date.parse(vm.changedAt) > lagSeconds * 1000;
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
  const found = sight.observed.map((look) => ({ look, row: find(look) }));
  const seen = new Set(found.flatMap(({ row }) => (row ? [row.id] : [])));
  const missing = sight.rows.filter((vm) => !seen.has(vm.id) && vm.lock === undefined);
  return {
    news: found
      .filter(({ look, row }) => (row ? sighted(row, look, sight.at) !== row : look.state !== 'deleted'))
      .map(({ look }) => look),
    lost: missing.filter((vm) => vm.managed && !ABSENT.includes(vm.state) && isSettled(vm, sight)),
    gone: missing.filter((vm) => !vm.managed),
  };
};

/** The row of a managed VM that is not at its provider any more. */
export const asLost = (vm: Vm, at: string): Vm => ({
  ...vm,
  state: 'lost',
  lastState: vm.state === 'unknown' ? (vm.lastState ?? 'unknown') : vm.state,
  ready: {
    status: 'false',
    reason: 'Lost',
    message: 'It is gone at its provider, and nobody asked NovaCron for that.',
    at,
  },
  changedAt: at,
});
