import { AsyncLocalStorage } from 'node:async_hooks';
import type { Random } from '../random.ts';
import type { Faults } from './faults.ts';
import type { Scheduler } from './scheduler.ts';

/** How a call of a function ended, for whoever called it. */
export type Ended = { readonly result: unknown } | { readonly error: string; readonly cause?: string };

/** One call of a function, as long as its sandbox lives. */
export interface Invocation {
  readonly name: string;
  /** The function's path below lambdas/, without `.ts`. */
  readonly entry: string;
  dead: boolean;
  /** Number of its calls so far. */
  calls: number;
  /** How far its clock is ahead of the world's; behind it where it is negative. Milliseconds. */
  readonly offMs: number;
  readonly end: (ended: Ended) => void;
}

/** The invocation on whose behalf code runs just now; undefined in the rig's own. */
export const running = new AsyncLocalStorage<Invocation>();

const errorOf = (error: unknown): Ended => {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { error: name, cause: JSON.stringify({ errorType: name, errorMessage: message }) };
};

const FOLDERS: Readonly<Record<string, string>> = {
  api: 'api',
  event: 'events',
  stream: 'events',
  timer: 'schedules',
};
/** The queues' consumers (lib/operations-stack.ts). */
const CONSUMERS: Readonly<Record<string, string>> = {
  looks: 'events/look-again',
  beats: 'events/beat-missed',
  actions: 'events/instances-asked',
};

const entries = new Map<string, string>();

/** Which function a call is of, where its name tells. */
const entryOf = (name: string): string => {
  const known = entries.get(name);
  if (known !== undefined) return known;
  const [kind = '', which = ''] = name.split(' ');
  const entry = CONSUMERS[which] ?? `${FOLDERS[kind] ?? kind}/${which}`;
  entries.set(name, entry);
  return entry;
};

/** How far a sandbox's clock may be off (F-15). */
const MOST_OFF_MS = 15 * 60_000;

interface Surroundings {
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly random: Random;
}

/** Lambda: runs handlers, each with its time-out. A sandbox that ends takes everything with it that was still to come. */
export class Lambda {
  readonly #world: Surroundings;
  /** Calls that have begun and not ended. */
  open = 0;
  /** Errors that are no fault of ours by name: a handler that fails so has a bug. */
  readonly bugs: string[] = [];

  constructor(world: Surroundings) {
    this.#world = world;
  }

  invoke(name: string, seconds: number, handler: () => Promise<unknown>, entry = entryOf(name)): Promise<Ended> {
    const { scheduler } = this.#world;
    return new Promise((resolve) => {
      this.open += 1;
      const end = (ended: Ended): void => {
        if (invocation.dead) return;
        invocation.dead = true;
        timer.cancelled = true;
        this.open -= 1;
        if ('error' in ended) scheduler.note(`${name} ends by ${ended.error} ${ended.cause ?? ''}`);
        resolve(ended);
      };
      const timer = scheduler.after(seconds * 1000, '', () => end({ error: 'Sandbox.Timedout' }), true);
      const offMs = this.#offMs();
      const invocation: Invocation = { name, entry, dead: false, calls: 0, offMs, end };
      scheduler.note(offMs === 0 ? `→ ${name}` : `→ ${name}   ✗ its clock is off by ${offMs / 1000} s`);
      running
        .run(invocation, handler)
        .then((result) => end({ result }))
        .catch((error: unknown) => {
          this.#suspect(name, error);
          end(errorOf(error));
        });
    });
  }

  #offMs(): number {
    const { faults, random } = this.#world;
    return faults.fires('clock-off') ? random.whole(-MOST_OFF_MS, MOST_OFF_MS) : 0;
  }

  #suspect(name: string, error: unknown): void {
    if (error instanceof TypeError || error instanceof ReferenceError) this.bugs.push(`${name}: ${error.stack}`);
  }
}
