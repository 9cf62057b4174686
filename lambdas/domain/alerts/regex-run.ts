import type { RuneTest } from './regex-classes.ts';
import type { Assertion, Node } from './regex-parse.ts';

/**
 * Whether an expression is met by a text, in time that is their two lengths multiplied and no more: all ways of meeting it are
 * followed at once, rune by rune (Thompson 1968), and none is tried again.
 */
type Step =
  | { readonly op: 'rune'; readonly test: RuneTest }
  | { readonly op: 'assertion'; readonly assertion: Assertion }
  | Go
  | { readonly op: 'met' };

/** Goes on at either of two. */
interface Go {
  readonly op: 'go';
  to: number;
  or: number;
}

/** More than anybody writes, and as much as is followed in no time. */
const MOST_STEPS = 100_000;

const add = (steps: Step[], step: Step): number => {
  if (steps.length >= MOST_STEPS) throw new Error('error parsing regexp: expression too large');
  return steps.push(step) - 1;
};

/** A step that goes on at the next one until it is told of another. */
const fork = (steps: Step[]): Go => {
  const next = steps.length + 1;
  const step: Go = { op: 'go', to: next, or: next };
  add(steps, step);
  return step;
};

const goTo = (step: Go, at: number): void => {
  step.to = at;
  step.or = at;
};

const writeChoice = (steps: Step[], nodes: readonly Node[]): void => {
  const ends: Go[] = [];
  for (const node of nodes.slice(0, -1)) {
    const begin = fork(steps);
    write(steps, node);
    ends.push(fork(steps));
    begin.or = steps.length;
  }
  for (const node of nodes.slice(-1)) write(steps, node);
  for (const end of ends) goTo(end, steps.length);
};

const writeAny = (steps: Step[], node: Node): void => {
  const at = steps.length;
  const begin = fork(steps);
  write(steps, node);
  goTo(fork(steps), at);
  begin.or = steps.length;
};

const writeRepeat = (steps: Step[], { node, least, most }: Extract<Node, { kind: 'repeat' }>): void => {
  for (let times = 0; times < least; times += 1) write(steps, node);
  if (most === Number.POSITIVE_INFINITY) {
    writeAny(steps, node);
    return;
  }
  const begins: Go[] = [];
  for (let times = least; times < most; times += 1) {
    begins.push(fork(steps));
    write(steps, node);
  }
  for (const begin of begins) begin.or = steps.length;
};

const write = (steps: Step[], node: Node): void => {
  if (node.kind === 'rune') add(steps, { op: 'rune', test: node.test });
  else if (node.kind === 'assertion') add(steps, { op: 'assertion', assertion: node.assertion });
  else if (node.kind === 'sequence') for (const each of node.nodes) write(steps, each);
  else if (node.kind === 'choice') writeChoice(steps, node.nodes);
  else writeRepeat(steps, node);
};

const isWord = (rune: string | undefined): boolean => rune !== undefined && /^\w$/.test(rune);

/** Whether it holds between two runes; there is none before the first and none after the last. */
const HOLDS: Readonly<Record<Assertion, (before: string | undefined, after: string | undefined) => boolean>> = {
  'text-begins': (before) => before === undefined,
  'text-ends': (_, after) => after === undefined,
  'line-begins': (before) => before === undefined || before === '\n',
  'line-ends': (_, after) => after === undefined || after === '\n',
  'word-edge': (before, after) => isWord(before) !== isWord(after),
  'no-word-edge': (before, after) => isWord(before) === isWord(after),
};

/** Follows all ways through some steps at once. */
class Run {
  readonly #steps: readonly Step[];
  /** At which rune a step was last come to: each is followed once a rune. */
  readonly #seen: Int32Array;
  #from: number[] = [];

  constructor(steps: readonly Step[]) {
    this.#steps = steps;
    this.#seen = new Int32Array(steps.length).fill(-1);
  }

  /** Whether the end is come to in front of this rune, or after the last; a way may begin at any. */
  isMet(at: number, before: string | undefined, rune: string | undefined): boolean {
    const left = [...this.#from, 0];
    this.#from = [];
    for (let each = left.pop(); each !== undefined; each = left.pop()) {
      const step = this.#steps[each];
      if (step === undefined || this.#seen[each] === at) continue;
      this.#seen[each] = at;
      if (step.op === 'met') return true;
      if (step.op === 'go') left.push(step.to, step.or);
      else if (step.op === 'rune') this.#take(step, each, rune);
      else if (HOLDS[step.assertion](before, rune)) left.push(each + 1);
    }
    return false;
  }

  #take({ test }: Extract<Step, { op: 'rune' }>, at: number, rune: string | undefined): void {
    if (rune !== undefined && test(rune)) this.#from.push(at + 1);
  }
}

/** An expression as a question about texts: whether it is met anywhere in one. @throws Error where it is too large */
export const matcherOf = (node: Node): ((text: string) => boolean) => {
  const steps: Step[] = [];
  write(steps, node);
  add(steps, { op: 'met' });
  return (text) => {
    const runes = Array.from(text);
    const run = new Run(steps);
    for (let at = 0; at <= runes.length; at += 1) if (run.isMet(at, runes[at - 1], runes[at])) return true;
    return false;
  };
};
