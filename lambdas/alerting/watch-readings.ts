import type { Reading } from '../domain/metrics/batch.ts';
import type { CompiledRules } from '../domain/rules/compile.ts';
import { evaluate, NO_STATE, type RulesState } from '../domain/rules/evaluate.ts';
import { isWorthKeeping } from '../domain/rules/worth-keeping.ts';
import { type Order, orderLooks, orderNone } from '../runtime/rule-wakes.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as states from '../store/rule-states.ts';
import { orderComposites } from './order-composites.ts';
import { rulesOf } from './rules-of.ts';
import { tellRules } from './tell-rules.ts';
import { usualOf } from './usual.ts';

/** What a look has made of what rules knew. */
interface Watched {
  readonly rules: CompiledRules;
  readonly before: RulesState;
  readonly after: RulesState;
}

/**
 * Looks at the rules as samples come. What is to be told is told before it is written down that it was: who dies between tells it
 * again with the next sample, and the alert is the same one.
 */
const watch = (source: string, readings: readonly Reading[], now: number, order: Order): Promise<Watched> =>
  untilWritten(async () => {
    const before = await states.get(source, NO_STATE, now);
    const projects = [
      ...readings.map(({ subject }) => subject.project),
      ...Object.values(before.state.subjects).map(({ project }) => project),
    ];
    const rules = await rulesOf(projects);
    const baseline = await usualOf(rules, readings, now);
    const { state, alerts, due } = evaluate(rules, readings, before.state, { now, baseline });
    await tellRules(alerts, now);
    const after = { state, due: await order(due, before.due, now) };
    if (isWorthKeeping(before, after, now)) await states.swap(before, state, now, { due: after.due });
    return { rules, before: before.state, after: state };
  });

/** What a host has measured; for what becomes so before more of it comes, or because none does, looks are ordered, and of rules that are made of what has. */
export const watchHostReadings = async (hostId: string, readings: readonly Reading[], now: number): Promise<void> => {
  const { rules, before, after } = await watch(hostId, readings, now, orderLooks({ rulesOfHost: hostId }));
  await orderComposites(rules, before, after);
};

/** What CloudWatch knew of instances some minutes ago: time goes by for these as their samples come, and all else is looked at once all have. */
export const watchReadings = async (source: string, readings: readonly Reading[], now: number): Promise<void> => {
  await watch(source, readings, now, orderNone);
};
