import { type Operation, STEPS } from '../operation.ts';
import { type Finding, found } from './kinds.ts';
import type { Known } from './world.ts';

/** The most that one step asks: once, and each Retry of step-functions/ at its own MaxAttempts (our faults, throttles, Lambda's). */
const TRIES_PER_STEP = 1 + 4 + 14 + 4;

/** An undo is tried again each minute for as long as its host is away, which no budget can know. */
const wasUndone = ({ state, steps }: Operation): boolean =>
  state === 'undo-pending' || steps.some(({ name }) => name === 'Undo' || name === 'Undo Launch');

/** I8: no operation asks more often than its state machine allows. */
export const boundedWork = ({ operations }: Known): Finding[] =>
  operations.flatMap((operation) => {
    const { id, kind, attempt } = operation;
    const most = STEPS[kind].length * TRIES_PER_STEP;
    if (wasUndone(operation) || attempt <= most) return [];
    return [
      found('AttemptsOverBudget', { subject: id, detail: `${kind} has asked ${attempt} times; ${most} are its most.` }),
    ];
  });
