import { sourcesIn } from '../domain/metrics/sources.ts';
import type { CompiledRules } from '../domain/rules/compile.ts';
import { type CompositeState, evaluateComposites, firingIn } from '../domain/rules/composite.ts';
import { NO_STATE, type RulesState } from '../domain/rules/evaluate.ts';
import { atMost } from '../runtime/chunks.ts';
import { REGIONS } from '../runtime/regions.ts';
import type { Order } from '../runtime/rule-wakes.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as states from '../store/rule-states.ts';
import { tellRules } from './tell-rules.ts';

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

/** What rules know of these hosts, and of the instances of all Regions. */
export const knownOfAll = async (hostIds: readonly string[], now: number): Promise<RulesState[]> => [
  ...(await knownOf(hostIds, now)),
  ...(await knownOfEc2(now)),
];

const NOTHING: CompositeState = {};

/** What the composites of a project knew when they were looked at last. */
export const compositesKnown = (project: string, now: number) => states.get(`composites#${project}`, NOTHING, now);

/**
 * Looks at the rules of a project that are made of others, by what of these fires.
 * @param known of all sources
 * @param order who looks because of a message orders none
 */
export const watchComposites = (
  {
    project,
    rules,
    known,
  }: { readonly project: string; readonly rules: CompiledRules; readonly known: readonly RulesState[] },
  order: Order,
  now: number,
): Promise<void> =>
  untilWritten(async () => {
    const before = await compositesKnown(project, now);
    const hasAny = (rules.composites.get(project) ?? []).length > 0;
    // One that has none by now may have had some: what they said is over.
    const firing = hasAny ? known.flatMap((state) => firingIn(rules, state, project)) : [];
    const { state, alerts, due } = evaluateComposites(rules, project, firing, before.state, now);
    await tellRules(alerts, now);
    const isIdle = Object.keys(state).length === 0 && Object.keys(before.state).length === 0;
    if (!isIdle) await states.swap(before, state, now, { due: await order(due, before.due, now) });
  });
