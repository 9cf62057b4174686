import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation } from './api.ts';
import type { ApiClient } from './api-client.ts';

/** Longest wait of one call, by the API's contract. */
const WAIT_SECONDS = 20;
/** Between two looks that came back at once without news, so that a plane that does not wait is not hammered. */
const PAUSE_MS = 500;

const OPEN: readonly Operation['state'][] = ['queued', 'running', 'cancelling', 'undo-pending'];

/** Whether anything may still happen to it. */
export const isOpen = ({ state }: Pick<Operation, 'state'>): boolean => OPEN.includes(state);

const fingerprint = ({ state, steps }: Operation): string => JSON.stringify([state, steps]);

export interface FollowOptions {
  /** Ends the watching, not the operation. */
  readonly signal: AbortSignal;
  /** On which the watching ends (epoch ms). */
  readonly deadline: number;
}

/**
 * Each new state of an operation until it is closed; ends early, with the operation still open, when time is up.
 * Asks by long poll: the plane answers when something changed.
 */
export async function* follow(
  client: ApiClient,
  first: Operation,
  { signal, deadline }: FollowOptions,
): AsyncGenerator<Operation, void, undefined> {
  yield first;
  let known = first;
  while (isOpen(known)) {
    const left = Math.floor((deadline - Date.now()) / 1000);
    if (left <= 0) return;
    const asked = Date.now();
    const query = { wait: Math.min(WAIT_SECONDS, left), seen: known.version };
    const now = await client.call('GET /v1/operations/{id}', { path: { id: known.id }, query });
    if (fingerprint(now) !== fingerprint(known)) yield now;
    else if (Date.now() - asked < PAUSE_MS) await sleep(PAUSE_MS, undefined, { signal });
    known = now;
  }
}
