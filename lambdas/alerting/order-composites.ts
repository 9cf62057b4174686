import type { CompiledRules } from '../domain/rules/compile.ts';
import type { CompositeState } from '../domain/rules/composite.ts';
import { inOrder, slotsOf } from '../domain/rules/due.ts';
import type { RulesState } from '../domain/rules/evaluate.ts';
import { projectsWithPartsChanged } from '../domain/rules/parts.ts';
import { orderLooks } from '../runtime/rule-wakes.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as states from '../store/rule-states.ts';

const NOTHING: CompositeState = {};

/** What the composites of a project knew when they were looked at last. */
export const compositesKnown = (project: string, now: number) => states.get(`composites#${project}`, NOTHING, now);

/**
 * Orders a look at the composites of a project for the next ten seconds, unless one is ordered: in a storm many hosts wish for the same
 * one. It is written down before it is ordered, so that one message is sent; who dies between leaves it to the tick.
 */
const orderLook = async (project: string): Promise<void> => {
  const ordered = await untilWritten(async () => {
    const now = Date.now();
    const before = await compositesKnown(project, now);
    const due = inOrder([...before.due, ...slotsOf([now], now)]);
    if (due.length === before.due.length) return undefined;
    await states.swap(before, before.state, now, { due });
    return { due, before: before.due, now };
  });
  if (ordered) await orderLooks({ compositesOf: project })(ordered.due, ordered.before, ordered.now);
};

/**
 * Has rules looked at that are made of others, where some of these began to fire or ceased to. What fires now must have been written: a
 * look that was ordered before and is under way may have read what was before.
 */
export const orderComposites = async (rules: CompiledRules, before: RulesState, after: RulesState): Promise<void> => {
  for (const project of projectsWithPartsChanged(rules, before, after)) await orderLook(project);
};
