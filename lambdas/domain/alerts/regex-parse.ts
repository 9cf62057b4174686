import { type Runes, type RuneTest, runesBetween, testOf } from './regex-classes.ts';
import { classOf, escapedCode, escapedRunes } from './regex-escapes.ts';
import { PatternReader } from './regex-reader.ts';

/** Regular expressions as Go 1.19 reads them, which is RE2's way: what stands in them, and what is refused. */
export type Assertion = 'text-begins' | 'text-ends' | 'line-begins' | 'line-ends' | 'word-edge' | 'no-word-edge';

export type Node =
  | { readonly kind: 'rune'; readonly test: RuneTest }
  | { readonly kind: 'assertion'; readonly assertion: Assertion }
  | { readonly kind: 'sequence'; readonly nodes: readonly Node[] }
  | { readonly kind: 'choice'; readonly nodes: readonly Node[] }
  | { readonly kind: 'repeat'; readonly node: Node; readonly least: number; readonly most: number };

/** No expression says more often than this that something is repeated, all in all. */
const MOST_REPEATS = 1000;
const DEEPEST = 1000;

interface Flags {
  readonly isFolded: boolean;
  readonly isMultiline: boolean;
  readonly hasDotAll: boolean;
}

const PLAIN: Flags = { isFolded: false, isMultiline: false, hasDotAll: false };
const ANY: RuneTest = () => true;
const NOT_NEWLINE: RuneTest = (rune) => rune !== '\n';

const ASSERTIONS: Readonly<Record<string, Assertion>> = {
  A: 'text-begins',
  z: 'text-ends',
  b: 'word-edge',
  B: 'no-word-edge',
};

/** How often the innermost node is said to be repeated, at most. */
const weightOf = (node: Node): number => {
  if (node.kind === 'sequence' || node.kind === 'choice')
    return node.nodes.reduce((most, each) => Math.max(most, weightOf(each)), 1);
  if (node.kind !== 'repeat' || node.most === 0) return 1;
  const times = node.most === Number.POSITIVE_INFINITY ? node.least : node.most;
  return Math.max(1, times) * weightOf(node.node);
};

/** Reads one expression. */
class Parser {
  readonly #reader: PatternReader;
  readonly #names = new Set<string>();
  #depth = 0;
  #flags = PLAIN;

  constructor(pattern: string) {
    this.#reader = new PatternReader(pattern);
  }

  read(): Node {
    const node = this.#choice();
    if (!this.#reader.isAtEnd) throw this.#reader.wrong('unexpected )');
    return node;
  }

  #choice(): Node {
    const nodes = [this.#sequence()];
    while (this.#reader.takes('|')) nodes.push(this.#sequence());
    return nodes.length === 1 && nodes[0] !== undefined ? nodes[0] : { kind: 'choice', nodes };
  }

  #sequence(): Node {
    const nodes: Node[] = [];
    let isRepeated = false;
    while (!this.#reader.isAtEnd && !['|', ')'].includes(this.#reader.peek())) {
      const times = this.#times();
      if (times === undefined) nodes.push(...this.#nodes());
      else nodes.push(this.#repeated(nodes.pop(), times, isRepeated));
      isRepeated = times !== undefined;
    }
    return { kind: 'sequence', nodes };
  }

  #repeated(node: Node | undefined, [least, most]: readonly [number, number], isTwice: boolean): Node {
    if (node === undefined) throw this.#reader.wrong('missing argument to repetition operator');
    if (isTwice) throw this.#reader.wrong('invalid nested repetition operator');
    const repeat: Node = { kind: 'repeat', node, least, most };
    if (weightOf(repeat) > MOST_REPEATS) throw this.#reader.wrong('invalid repeat count');
    return repeat;
  }

  /** `*`, `+`, `?` or `{n,m}`, greedy or not, which is one where only a match is asked for. */
  #times(): readonly [number, number] | undefined {
    const times = this.#operator() ?? this.#counts();
    if (times !== undefined) this.#reader.takes('?');
    return times;
  }

  #operator(): readonly [number, number] | undefined {
    if (this.#reader.takes('*')) return [0, Number.POSITIVE_INFINITY];
    if (this.#reader.takes('+')) return [1, Number.POSITIVE_INFINITY];
    return this.#reader.takes('?') ? [0, 1] : undefined;
  }

  /** Braces that are no count are text. */
  #counts(): readonly [number, number] | undefined {
    if (this.#reader.peek() !== '{') return undefined;
    const near = this.#reader.near(1000);
    const [all, low = '', comma, high = ''] = /^\{(0|[1-9]\d*)(,(0|[1-9]\d*)?)?\}/.exec(near) ?? [];
    if (all === undefined) return undefined;
    this.#reader.skip(all.length);
    const least = Number(low);
    const most = comma === undefined ? least : high === '' ? Number.POSITIVE_INFINITY : Number(high);
    const isBeyond = least > MOST_REPEATS || (most !== Number.POSITIVE_INFINITY && most > MOST_REPEATS);
    if (isBeyond || least > most) throw this.#reader.wrong('invalid repeat count');
    return [least, most];
  }

  /** The next thing that is no operator; a group of flags is nothing, and a quoted text is several. */
  #nodes(): readonly Node[] {
    const rune = this.#reader.peek();
    if (rune === '(') return this.#group();
    if (rune === '[') return [{ kind: 'rune', test: classOf(this.#reader, this.#flags.isFolded) }];
    if (rune === '\\') return this.#escape();
    this.#reader.skip(1);
    if (rune === '.') return [{ kind: 'rune', test: this.#flags.hasDotAll ? ANY : NOT_NEWLINE }];
    if (rune === '^')
      return [{ kind: 'assertion', assertion: this.#flags.isMultiline ? 'line-begins' : 'text-begins' }];
    if (rune === '$') return [{ kind: 'assertion', assertion: this.#flags.isMultiline ? 'line-ends' : 'text-ends' }];
    return [this.#literal(rune)];
  }

  #literal(rune: string): Node {
    if (!this.#flags.isFolded) return { kind: 'rune', test: (each) => each === rune };
    const code = rune.codePointAt(0) ?? 0;
    return this.#oneOf([runesBetween(code, code)]);
  }

  #oneOf(runes: readonly Runes[]): Node {
    return { kind: 'rune', test: testOf(runes, this.#flags.isFolded) };
  }

  #group(): readonly Node[] {
    this.#reader.skip(1);
    const before = this.#flags;
    if (this.#reader.takes('?') && this.#opening() === 'flags') return [];
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw this.#reader.wrong('expression nests too deeply');
    const node = this.#choice();
    if (!this.#reader.takes(')')) throw this.#reader.wrong('missing closing )');
    this.#depth -= 1;
    this.#flags = before;
    return [node];
  }

  /** What stands behind `(?`: a name, flags for the group that it opens, or flags for what follows. */
  #opening(): 'group' | 'flags' {
    if (this.#reader.takes('P<')) return this.#named();
    const said = /^([imsU]*)(-[imsU]+)?([:)])/.exec(this.#reader.near(100));
    if (said === null) throw this.#reader.wrong('invalid or unsupported Perl syntax');
    const [all, on = '', off = '', end] = said;
    this.#reader.skip(all.length);
    const is = (flag: string, before: boolean): boolean => !off.includes(flag) && (on.includes(flag) || before);
    this.#flags = {
      isFolded: is('i', this.#flags.isFolded),
      isMultiline: is('m', this.#flags.isMultiline),
      hasDotAll: is('s', this.#flags.hasDotAll),
    };
    return end === ')' ? 'flags' : 'group';
  }

  #named(): 'group' {
    const name = this.#reader.upTo('>');
    if (name === undefined || !/^\w+$/.test(name) || this.#names.has(name))
      throw this.#reader.wrong('invalid named capture');
    this.#names.add(name);
    return 'group';
  }

  #escape(): readonly Node[] {
    const letter = this.#reader.peek(1);
    const assertion = ASSERTIONS[letter];
    if (letter === 'Q') return this.#quoted();
    if (assertion !== undefined) {
      this.#reader.skip(2);
      return [{ kind: 'assertion', assertion }];
    }
    const runes = escapedRunes(this.#reader);
    return [
      runes === undefined ? this.#literal(String.fromCodePoint(escapedCode(this.#reader))) : this.#oneOf([runes]),
    ];
  }

  /** All between `\Q` and `\E`, or the end, is text. */
  #quoted(): readonly Node[] {
    this.#reader.skip(2);
    const nodes: Node[] = [];
    while (!this.#reader.isAtEnd && !this.#reader.takes('\\E')) {
      nodes.push(this.#literal(this.#reader.peek()));
      this.#reader.skip(1);
    }
    return nodes;
  }
}

/** Reads an expression. @throws Error saying why it is none, in Go's words */
export const parseRegex = (pattern: string): Node => new Parser(pattern).read();
