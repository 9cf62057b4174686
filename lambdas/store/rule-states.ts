import { keptStates } from './kept-states.ts';

/** What rules know of a source of samples, or of a project. */
export const { get, swap } = keptStates('rules');
