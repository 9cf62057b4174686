/**
 * Calls back when no promise is left to be settled, and before anything from outside: what the machine does meanwhile (a timer
 * of the test runner, which draws chance for its ids) can then not get in between two events.
 */
const { nextTick: afterMicrotasks } = process;

/** Something that is to happen. */
interface Event {
  readonly at: number;
  readonly order: number;
  readonly label: string;
  readonly run: () => void;
  /** Does not keep a run alive: a timed job, a beat. */
  readonly background: boolean;
  cancelled: boolean;
}
export type Scheduled = Pick<Event, 'cancelled'>;

const earlier = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** A binary heap, earliest first. */
class Queue {
  readonly #events: Event[] = [];

  get size(): number {
    return this.#events.length;
  }

  push(event: Event): void {
    const heap = this.#events;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !earlier(event, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = event;
  }

  pop(): Event | undefined {
    const heap = this.#events;
    const [first] = heap;
    const last = heap.pop();
    if (last !== undefined && heap.length > 0) this.#sink(last);
    return first;
  }

  #sink(event: Event): void {
    const heap = this.#events;
    let at = 0;
    for (;;) {
      const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
      const child = left !== undefined && right !== undefined && earlier(right, left) ? 2 * at + 2 : 2 * at + 1;
      const below = heap[child];
      if (below === undefined || !earlier(below, event)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = event;
  }
}

/** The one clock and the one queue of a world. Nothing happens but what stands in it, in the order of its times. */
export class Scheduler {
  /** Milliseconds since the epoch. */
  now: number;
  /** Called before each event: what must hold at every instant. */
  watch: () => void = () => undefined;
  trace: string[] | undefined;
  happened = 0;
  readonly #queue = new Queue();
  #order = 0;

  constructor(now: number) {
    this.now = now;
  }

  /** Lets `run` happen after so many milliseconds. */
  after(milliseconds: number, label: string, run: () => void, background = false): Scheduled {
    this.#order += 1;
    const at = this.now + Math.max(0, Math.round(milliseconds));
    const event: Event = { at, order: this.#order, label, run, background, cancelled: false };
    this.#queue.push(event);
    return event;
  }

  /** Notes what happens, where somebody reads it. */
  note(text: string): void {
    this.trace?.push(`${((this.now - START) / 1000).toFixed(3).padStart(10)}  ${text}`);
  }

  /** Lets things happen, each with all that follows from it at once, until `isOver` says so or `until` (ms) has come. */
  async run(until: number, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const event = this.#queue.pop();
      if (event === undefined) return;
      if (event.cancelled) continue;
      if (event.at > until) {
        this.#queue.push(event);
        this.now = until;
        return;
      }
      this.now = event.at;
      this.happened += 1;
      if (event.label !== '') this.note(event.label);
      event.run();
      await new Promise<void>((resolve) => afterMicrotasks(resolve));
      this.watch();
    }
  }
}

/** When every world begins. */
export const START = Date.parse('2026-11-25T10:00:00.000Z');
