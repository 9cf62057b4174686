import type { HostAnswer } from '../../../lambdas/domain/report.ts';

/** One command as the host's script reads it (payload.py). */
export interface Order {
  readonly op: string;
  readonly attempt: number;
  /** Milliseconds since the epoch. */
  readonly notAfter: number;
  readonly domain: string;
  readonly vmId: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

interface Entry {
  readonly attempt: number;
  readonly undone: boolean;
  closed: boolean;
  answer?: HostAnswer;
}

/** A refusal of the host's, under one of our names. */
export class HostRefusal extends Error {
  readonly fault: string;
  constructor(fault: string, detail: string) {
    super(detail);
    this.fault = fault;
  }
}

export const failure = (fault: string, detail: string): HostAnswer => ({ ok: false, fault, detail });

/** fence.py in TypeScript, line by line: the journal of one domain, and what it lets pass. */
export class Fence {
  readonly #entries = new Map<string, Entry>();
  /** Where a test proves that the rig bites. */
  readonly #isOff: boolean;

  constructor(isOff: boolean) {
    this.#isOff = isOff;
  }

  /** The answer given before, or undefined: do it now. @throws HostRefusal CommandFenced, CommandTooLate */
  admit(order: Order, undoes: boolean, now: number): HostAnswer | undefined {
    const entry = this.#entries.get(order.op);
    if (entry && order.attempt === entry.attempt && entry.answer) return entry.answer;
    if (!this.#isOff) this.#assertPasses(order, undoes, entry, now);
    for (const other of this.#entries.values()) other.closed = true;
    this.#entries.delete(order.op);
    this.#entries.set(order.op, { attempt: order.attempt, undone: undoes, closed: false });
    return undefined;
  }

  #assertPasses(order: Order, undoes: boolean, entry: Entry | undefined, now: number): void {
    if (entry && order.attempt < entry.attempt) throw new HostRefusal('CommandFenced', 'a higher attempt was here');
    if (entry?.undone && !undoes) throw new HostRefusal('CommandFenced', 'it was undone on this host');
    if (entry?.closed) throw new HostRefusal('CommandFenced', 'a later operation has been at this VM');
    if (now > order.notAfter) throw new HostRefusal('CommandTooLate', 'it was not begun');
  }

  record({ op, attempt }: Order, answer: HostAnswer): void {
    const entry = this.#entries.get(op);
    if (entry?.attempt === attempt) entry.answer = answer;
  }

  holds({ op, attempt }: Order): boolean {
    const entry = this.#entries.get(op);
    return this.#isOff || (entry?.attempt === attempt && !entry.closed);
  }

  /** Answers are written without fsync: a power failure may take them. */
  forgetAnswers(): void {
    for (const entry of this.#entries.values()) delete entry.answer;
  }
}
