import { Fault } from '../domain/faults.ts';
import { asLost, differences, type Sight } from '../domain/reconcile.ts';
import * as vms from '../store/vms.ts';

/** What a comparison came to. */
export interface Repaired {
  readonly checked: number;
  readonly repaired: number;
  readonly strangers: number;
  readonly lost: number;
  readonly gone: number;
}

export const NOTHING: Repaired = { checked: 0, repaired: 0, strangers: 0, lost: 0, gone: 0 };

export const sum = (a: Repaired, b: Repaired): Repaired => ({
  checked: a.checked + b.checked,
  repaired: a.repaired + b.repaired,
  strangers: a.strangers + b.strangers,
  lost: a.lost + b.lost,
  gone: a.gone + b.gone,
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

/** Brings the rows of one place up to what was seen there. It writes rows only: no VM is touched, none is deleted. */
export const repair = async (sight: Sight): Promise<Repaired> => {
  const { news, lost, gone } = differences(sight);
  const changes = [];
  for (const look of news) changes.push(await unlessRaced(vms.observe(sight.installation, look, sight.at)));
  for (const vm of lost) await unlessRaced(vms.swap(vm, asLost(vm, sight.at)));
  for (const vm of gone) await unlessRaced(vms.forget(vm));
  const made = changes.filter((change) => change?.after !== undefined && change.before === undefined);
  return {
    checked: sight.observed.length,
    repaired: news.length - made.length,
    strangers: made.length,
    lost: lost.length,
    gone: gone.length,
  };
};
