import * as pace from '../../../lambdas/store/pace.ts';
import { SEED } from '../cases.ts';
import { anyPlan, anyStory, single, VERBS_OF } from '../simulation/stories.ts';
import { happen } from '../simulation/story.ts';
import { overhear } from '../simulation/transport.ts';
import { actionsOf } from './actions.ts';

/** Enough to meet the calls that are made only where something goes wrong. */
const SCHEDULES = 30;

/** Which actions each function (by its path, with `-` for `/`) asks for in the simulated world: each operation once, then some random schedules. */
export const simulatedCalls = async (schedules = SCHEDULES): Promise<ReadonlyMap<string, ReadonlySet<string>>> => {
  const calls = new Map<string, Set<string>>();
  overhear((entry, service, command) => {
    const name = entry.replaceAll('/', '-');
    const known = calls.get(name) ?? new Set();
    calls.set(name, known);
    for (const action of actionsOf(service, command)) known.add(action);
  });
  try {
    for (const provider of ['ec2', 'kvm'] as const) {
      for (const verb of VERBS_OF[provider]) {
        await happen(single(provider, verb), { seed: SEED, plan: {}, honoursTokens: true });
      }
    }
    for (let seed = SEED; seed < SEED + schedules; seed += 1) {
      const project = seed % 2 === 0 ? { id: 'shop', maxVms: 3 } : undefined;
      pace.forget('shop');
      await happen(anyStory(seed), { seed, plan: { rates: anyPlan(seed) }, honoursTokens: true, project });
    }
    return calls;
  } finally {
    overhear(undefined);
  }
};
