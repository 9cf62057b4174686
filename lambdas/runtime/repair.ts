import { Fault } from '../domain/faults.ts';
import { asLost } from '../domain/observation.ts';
import { asReturned, differences, type Sight } from '../domain/reconcile.ts';
import type { Observed } from '../domain/vm.ts';
import * as operations from '../store/operations.ts';
import * as vms from '../store/vms.ts';

/** What a comparison came to. */
export interface Repaired {
  readonly checked: number;
  readonly repaired: number;
  readonly strangers: number;
  readonly lost: number;
  readonly gone: number;
  readonly returned: number;
}

export const NOTHING: Repaired = { checked: 0, repaired: 0, strangers: 0, lost: 0, gone: 0, returned: 0 };

export const sum = (a: Repaired, b: Repaired): Repaired => ({
  checked: a.checked + b.checked,
  repaired: a.repaired + b.repaired,
  strangers: a.strangers + b.strangers,
  lost: a.lost + b.lost,
  gone: a.gone + b.gone,
  returned: a.returned + b.returned,
});

/** Somebody wrote the row at this moment, with news of its own; the next comparison looks again. */
const unlessRaced = async <T>(write: Promise<T>): Promise<T | undefined> => {
  try {
    return await write;
  } catch (error) {
    if (error instanceof Fault && error.name === 'WriteConflict') return undefined;
    throw error;
  }
};

/** What a create left that failed is no VM that came back: it is told by the audit, and collected. */
const isLeftover = async ({ operationId }: Observed): Promise<boolean> => {
  const made = operationId === undefined ? undefined : await operations.find(operationId);
  return made !== undefined && ['failed', 'cancelled', 'undo-pending', 'needs-attention'].includes(made.state);
};

/**
 * Brings the rows of one place up to what was seen there. It writes rows only: no VM is touched, none is deleted.
 * @param checked how many VMs were looked at, where the sight is what is left of them
 */
export const repair = async (sight: Sight, checked = sight.observed.length): Promise<Repaired> => {
  const { news, lost, gone, returned } = differences(sight);
  const changes = [];
  for (const { look, vm } of news) changes.push(await unlessRaced(vms.observe(sight.installation, look, sight.at, vm)));
  for (const vm of lost) await unlessRaced(vms.swap(vm, asLost(vm, sight.at)));
  for (const vm of gone) await unlessRaced(vms.forget(vm));
  const back = [];
  for (const each of returned) if (!(await isLeftover(each.look))) back.push(each);
  for (const { vm, look } of back) await unlessRaced(vms.restore(vm, asReturned(vm, look, sight.at), sight.at));
  const made = changes.filter((change) => change?.after !== undefined && change.before === undefined);
  return {
    checked,
    repaired: news.length - made.length,
    strangers: made.length,
    lost: lost.length,
    gone: gone.length,
    returned: back.length,
  };
};
