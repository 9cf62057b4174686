import { sourcesIn } from '../domain/metrics/sources.ts';
import type { CompiledRules } from '../domain/rules/compile.ts';
import { type CompositeState, evaluateComposites, firingIn } from '../domain/rules/composite.ts';
import { inOrder } from '../domain/rules/due.ts';
import { NO_STATE, type RulesState } from '../domain/rules/evaluate.ts';
import { atMost } from '../runtime/chunks.ts';
import { REGIONS } from '../runtime/regions.ts';
import type { Order } from '../runtime/rule-wakes.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as hosts from '../store/hosts.ts';
import type { Kept } from '../store/kept-states.ts';
import * as states from '../store/rule-states.ts';
import { compositesKnown } from './order-composites.ts';
import { tellRules } from './tell-rules.ts';
import { measures } from './watch-host.ts';

/** States that are read at once. */
const AT_ONCE = 8;

/** What rules know of these sources. */
const knownOf = async (sources: readonly string[], now: number): Promise<RulesState[]> => {
  const found: RulesState[] = [];
  await atMost(AT_ONCE, sources, async (source) => found.push((await states.get(source, NO_STATE, now)).state));
  return found;
};

/** What rules know of the instances of all Regions. */
export const knownOfEc2 = (now: number): Promise<RulesState[]> => knownOf(sourcesIn(REGIONS), now);

/** What a look at the composites of a project is made of. */
export interface Sight {
  /** Read before what is known of the sources: who looks by less than another did finds that he wrote meanwhile. */
  readonly before: Kept<CompositeState>;
  /** Of all sources. */
  readonly known: readonly RulesState[];
}

/** What is known of all sources by now. */
export const sightBy = async (before: Kept<CompositeState>, now: number): Promise<Sight> => {
  const measuring = (await hosts.all()).filter(measures);
  const ofHosts = await knownOf(
    measuring.map(({ id }) => id),
    now,
  );
  return { before, known: [...ofHosts, ...(await knownOfEc2(now))] };
};

/**
 * Looks at the rules of a project that are made of others, by what of these fires.
 * @param seen by whoever asks; what others write meanwhile is read anew
 */
export const watchComposites = (
  { project, rules, seen }: { readonly project: string; readonly rules: CompiledRules; readonly seen: Sight },
  order: Order,
  now: number,
): Promise<void> => {
  let sight: Sight | undefined = seen;
  return untilWritten(async () => {
    const { before, known } = sight ?? (await sightBy(await compositesKnown(project, now), now));
    sight = undefined;
    const hasAny = (rules.composites.get(project) ?? []).length > 0;
    // One that has none by now may have had some: what they said is over.
    const firing = hasAny ? known.flatMap((state) => firingIn(rules, state, project)) : [];
    const { state, alerts, due } = evaluateComposites(rules, project, firing, before.state, now);
    await tellRules(alerts, now);
    // Those that are ordered for later may be for what became so after this look had read it.
    const later = before.due.filter((at) => at > now);
    const after = inOrder([...(await order(due, before.due, now)), ...later]);
    const isIdle = Object.keys(state).length === 0 && Object.keys(before.state).length === 0;
    if (!isIdle || before.due.length > after.length) await states.swap(before, state, now, { due: after });
  });
};
