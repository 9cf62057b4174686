import type { Random } from '../random.ts';

/** Everything that may go wrong, by the word it is counted under. */
export const KINDS = [
  // at a call of a handler
  'crash-before',
  'crash-after',
  'throttled',
  'server-error',
  'reset-before',
  'reply-cut',
  'slow-reply',
  // at EC2
  'no-capacity',
  'describe-lags',
  'describe-stale',
  'instance-dies',
  // on the way of a word
  'event-lost',
  'event-twice',
  'event-late',
  'stream-late',
  'stream-twice',
  'message-late',
  'message-twice',
  'index-lags',
  // at Step Functions, Scheduler and the caller
  'lambda-throttled',
  'execution-aborted',
  'run-missed',
  'asked-twice',
  'clock-off',
  // on a host
  'command-late',
  'command-twice',
  'command-never',
  'result-lost',
  'answer-garbled',
  'script-killed',
  'host-silent',
  'host-dies',
  'host-clock-off',
  'report-twice',
  'guest-deaf',
  'guest-slow',
  'image-missing',
  'disk-full',
] as const;
export type Kind = (typeof KINDS)[number];

/** What may happen to one call; the order is that of the chances below. */
const CALL_KINDS = [
  'crash-before',
  'crash-after',
  'throttled',
  'server-error',
  'reset-before',
  'reply-cut',
  'slow-reply',
] as const;
export type CallKind = (typeof CALL_KINDS)[number];

/** A handler that ends at its world's n-th call. */
export interface Crash {
  readonly call: number;
  readonly kind: CallKind;
}

export interface FaultPlan {
  /** How likely each kind is, where it may be. */
  readonly rates?: Partial<Record<Kind, number>>;
  readonly crashes?: readonly Crash[];
  /** Numbers of faults that do not fire: how a failing run is made small. */
  readonly without?: ReadonlySet<number>;
}

/** Decides what goes wrong, and remembers what did. */
export class Faults {
  readonly fired = new Map<Kind, number>();
  /** Nothing goes wrong any more. */
  calm = false;
  count = 0;
  readonly #plan: FaultPlan;
  readonly #random: Random;

  constructor(plan: FaultPlan, random: Random) {
    this.#plan = plan;
    this.#random = random;
  }

  /** Whether this goes wrong now. */
  fires(kind: Kind): boolean {
    const rate = this.#plan.rates?.[kind] ?? 0;
    return rate > 0 && !this.calm && this.#random.next() < rate && this.#counted(kind);
  }

  /** What goes wrong with the world's n-th call. */
  atCall(number: number): CallKind | undefined {
    const crash = this.#plan.crashes?.find(({ call }) => call === number);
    if (crash) return this.#counted(crash.kind) ? crash.kind : undefined;
    if (this.calm || this.#plan.rates === undefined) return undefined;
    let draw = this.#random.next();
    for (const kind of CALL_KINDS) {
      draw -= this.#plan.rates[kind] ?? 0;
      if (draw < 0) return this.#counted(kind) ? kind : undefined;
    }
    return undefined;
  }

  #counted(kind: Kind): boolean {
    this.count += 1;
    if (this.#plan.without?.has(this.count)) return false;
    this.fired.set(kind, (this.fired.get(kind) ?? 0) + 1);
    return true;
  }
}
