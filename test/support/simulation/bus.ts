import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { Command } from './transport.ts';
import type { World } from './world.ts';

export type Listener = (event: unknown) => Promise<unknown>;

/** Lambda repeats an asynchronous call that failed twice, after one minute and after two more. */
const REPEATS_MS = [60_000, 120_000];
const SECONDS = 30;

/** EventBridge: AWS's events on their way to our listeners, and ours on their way out. */
export class Bus {
  /** Events of ours, as they were taken. */
  readonly published: { readonly type: string; readonly detail: Record<string, unknown> }[] = [];
  readonly #world: World;
  readonly #listeners: ReadonlyMap<string, Listener>;

  constructor(world: World, listeners: ReadonlyMap<string, Listener>) {
    this.#world = world;
    this.#listeners = listeners;
  }

  readonly serve = (command: Command): unknown => {
    if (!(command instanceof PutEventsCommand))
      throw new Error(`EventBridge does not know ${command.constructor.name}`);
    const { Entries = [] } = command.input;
    for (const { DetailType = '', Detail = '{}' } of Entries) {
      this.published.push({ type: DetailType, detail: JSON.parse(Detail) });
    }
    return { FailedEntryCount: 0, Entries: Entries.map(() => ({ EventId: 'e' })) };
  };

  /** An event of AWS's: best effort, so it may come twice, late, out of order, or never. */
  tell(listener: string, event: unknown): void {
    for (const milliseconds of this.#comings()) this.#later(listener, milliseconds, event);
  }

  /** The same for a rule whose target is a queue, by the last part of its URL. */
  tellQueue(queue: string, event: unknown): void {
    const { scheduler, queues } = this.#world;
    for (const milliseconds of this.#comings()) {
      scheduler.after(milliseconds, '', () => queues.put(queue, JSON.stringify(event)));
    }
  }

  /** After how many milliseconds an event comes, each time that it does. */
  #comings(): number[] {
    const { faults, random } = this.#world;
    if (faults.fires('event-lost')) return [];
    const late = faults.fires('event-late') ? random.between(5_000, 600_000) : random.between(100, 1500);
    return faults.fires('event-twice') ? [late, random.between(0, 120_000)] : [late];
  }

  #later(listener: string, milliseconds: number, event: unknown, repeats: readonly number[] = REPEATS_MS): void {
    this.#world.scheduler.after(milliseconds, '', () => void this.#deliver(listener, event, repeats));
  }

  async #deliver(listener: string, event: unknown, [again, ...rest]: readonly number[]): Promise<void> {
    const hear = this.#listeners.get(listener);
    if (hear === undefined) throw new Error(`nobody hears ${listener}`);
    const ended = await this.#world.lambda.invoke(`event ${listener}`, SECONDS, () => hear(event));
    if ('error' in ended && again !== undefined) this.#later(listener, again, event, rest);
  }
}
