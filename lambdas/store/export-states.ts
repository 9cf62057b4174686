import { keptStates } from './kept-states.ts';

/** What a store outside was told of a source of samples, and how it goes with it. */
export const { get, swap } = keptStates('export');
