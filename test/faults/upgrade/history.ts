import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { FakeProvider } from '../../../lambdas/providers/fake.ts';
import type { Provider } from '../../../lambdas/providers/provider.ts';
import type { StateTable } from '../../support/state-table.ts';
import type { Came } from '../../workflows/interpreter.ts';
import type { Machine } from '../../workflows/machines.ts';
import type { Flow } from './flows.ts';

/** A call that a provider took, or what came true there. */
interface Deed {
  readonly method: Exclude<keyof Provider, 'describeAll'> | 'settle';
  readonly args: readonly unknown[];
  /** It was refused before it had an effect. */
  readonly refused: boolean;
}

/** What changed since the moment before: rows, and the provider's world. */
export interface Moment {
  readonly at: string;
  readonly put: readonly Record<string, unknown>[];
  readonly gone: readonly string[];
  readonly deeds: readonly Deed[];
}

/** One call of a Task's function: the moment before it, the moment at which it waited, what it came to. */
export interface Step {
  readonly name: string;
  readonly before: Moment;
  readonly waiting?: Moment & { readonly token: string };
  readonly came: Came;
}

export interface Ending {
  readonly operation: string;
  readonly error?: string | undefined;
  readonly vm?: string | undefined;
  /** Machines at the provider. */
  readonly machines: number;
}

/** One execution of a release, from the row that began it to its end. */
export interface History {
  readonly flow: Flow;
  readonly machine: string;
  readonly input: Record<string, unknown> & { readonly operationId: string };
  readonly steps: readonly Step[];
  readonly ending: Ending;
}

/** What a release leaves behind for the next: its definitions, and executions of each kind. */
export interface Recording {
  readonly release: string;
  readonly machines: Readonly<Record<string, Machine>>;
  readonly histories: readonly History[];
}

export const fileOf = (release: string): string => join(import.meta.dirname, `histories-${release}.json.gz`);

/** Reads what was recorded at a release. */
export const recorded = (release: string): Recording =>
  JSON.parse(gunzipSync(readFileSync(fileOf(release))).toString());

const EFFECTS: ReadonlySet<string> = new Set([
  'create',
  'start',
  'stop',
  'reboot',
  'reset',
  'remove',
  'undelete',
  'undoCreate',
  'settle',
]);

/** Watches a fake and a table, and tells at each moment what has changed. */
export class Watcher {
  readonly place: FakeProvider;
  #rows = new Map<string, string>();
  #deeds: Deed[] = [];

  readonly #table: StateTable;

  constructor(table: StateTable, place: FakeProvider, flow: Flow) {
    this.#table = table;
    const failsAfter = (method: string) => flow.failures?.some((failure) => failure.method === method && failure.after);
    const told =
      (method: string, run: (...args: unknown[]) => unknown) =>
      (...args: unknown[]) => {
        const deed = { method: method as Deed['method'], args };
        const result = run.apply(place, args);
        const done = (refused: boolean) => this.#deeds.push({ ...deed, refused });
        if (!(result instanceof Promise)) {
          done(false);
          return result;
        }
        return result.then(
          (value: unknown) => {
            done(false);
            return value;
          },
          (error: unknown) => {
            done(!failsAfter(method));
            throw error;
          },
        );
      };
    this.place = new Proxy(place, {
      get: (target, name: keyof FakeProvider) => {
        const member = target[name];
        if (typeof member !== 'function') return member;
        return EFFECTS.has(name) ? told(name, member as (...args: unknown[]) => unknown) : member.bind(target);
      },
    });
  }

  moment(): Moment {
    const rows = new Map([...this.#table.rows].map(([key, row]) => [key, JSON.stringify(row)]));
    const put = [...rows].filter(([key, row]) => this.#rows.get(key) !== row).map(([, row]) => JSON.parse(row));
    const gone = [...this.#rows.keys()].filter((key) => !rows.has(key));
    const deeds = JSON.parse(JSON.stringify(this.#deeds));
    this.#rows = rows;
    this.#deeds = [];
    return { at: new Date().toISOString(), put, gone, deeds };
  }
}

/** As the release of now says it: the recorded one knew no modes of a stop. */
const saidNow = (method: string, args: readonly unknown[]): readonly unknown[] =>
  method === 'stop' ? args.with(1, { mode: 'stop', ...Object(args[1]) }) : args;

/** Brings an empty table and an empty place to the moment. */
export const relive = async ({ put, gone, deeds }: Moment, table: StateTable, place: FakeProvider): Promise<void> => {
  for (const row of put) table.rows.set(`${row.pk}\n${row.sk}`, row);
  for (const key of gone) table.rows.delete(key);
  for (const { method, args, refused } of deeds) {
    // A refused call counts as come, so that the next failure of the story is the right one.
    if (refused) place.calls.push({ method: method as keyof Provider, vmId: '' });
    else await (place[method] as (...args: readonly unknown[]) => unknown)(...saidNow(method, args));
  }
};
