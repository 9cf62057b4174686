import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type YAMLMap } from 'yaml';

import { type YamlMap, YamlScalar, type YamlValue } from './yaml-scalar.ts';

export interface YamlTree {
  readonly value: YamlValue;
  /** The line, from 1, of what a path leads to, or of the nearest that is there around it. */
  lineAt(path: readonly PropertyKey[]): number;
}

/** YAML that cannot be read. */
export class YamlError extends Error {
  readonly line: number;
  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** Aliases may unfold to no more than anybody writes. */
const MOST_NODES = 100_000;

const NULLS = new Set(['', '~', 'null', 'Null', 'NULL']);

const isMergeKey = (key: unknown): boolean => isScalar(key) && key.type === 'PLAIN' && key.value === '<<';

class Reader {
  readonly #lines = new LineCounter();
  readonly #document;
  readonly #places = new WeakMap<object, number>();
  readonly #keys = new WeakMap<object, ReadonlyMap<string, number>>();
  #nodes = 0;

  constructor(text: string) {
    this.#document = parseDocument(text, { schema: 'failsafe', lineCounter: this.#lines, prettyErrors: false });
    const wrong = [...this.#document.errors, ...this.#document.warnings][0];
    if (wrong !== undefined) throw new YamlError(this.#lineOf(wrong.pos[0]), wrong.message);
  }

  read(): YamlTree {
    const value = this.#valueOf(this.#document.contents);
    return { value, lineAt: (path) => this.#lineAt(value, path) };
  }

  #lineOf(offset: number): number {
    return Math.max(1, this.#lines.linePos(offset).line);
  }

  #valueOf(node: unknown): YamlValue {
    this.#nodes += 1;
    const line = this.#lineOf((node as Node | null)?.range?.[0] ?? 0);
    if (this.#nodes > MOST_NODES) throw new YamlError(line, 'the document contains excessive aliasing');
    if (isAlias(node)) {
      const meant = node.resolve(this.#document);
      if (meant === undefined) throw new YamlError(line, `unknown anchor ${JSON.stringify(node.source)} referenced`);
      return this.#valueOf(meant);
    }
    const value = this.#read(node);
    if (value !== null) this.#places.set(value, line);
    return value;
  }

  #read(node: unknown): YamlValue {
    if (isMap(node)) return this.#mapOf(node);
    if (isSeq(node)) return node.items.map((item) => this.#valueOf(item));
    if (!isScalar(node)) return null;
    const isBare = node.type === 'PLAIN' && node.tag === undefined;
    const text = String(node.value ?? '');
    return isBare && NULLS.has(text) ? null : new YamlScalar(text, isBare);
  }

  #mapOf(node: YAMLMap): YamlMap {
    const pairs = node.items.flatMap((pair) => this.#pairsOf(pair));
    const map = Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
    this.#keys.set(map, new Map(pairs.map(({ key, line }) => [key, line])));
    return map;
  }

  #pairsOf({ key, value }: Pair): { key: string; value: YamlValue; line: number }[] {
    const line = this.#lineOf((key as Node).range?.[0] ?? 0);
    if (isMergeKey(key)) return this.#mergedFrom(value, line);
    if (!isScalar(key)) throw new YamlError(line, 'a key must be a text');
    return [{ key: String(key.value), value: this.#valueOf(value), line }];
  }

  #mergedFrom(node: unknown, line: number): { key: string; value: YamlValue; line: number }[] {
    const value = this.#valueOf(node);
    // Of several maps the earlier ones hold.
    const maps = Array.isArray(value) ? value.toReversed() : [value];
    return maps.flatMap((map: YamlValue) => {
      if (map === null || map instanceof YamlScalar || Array.isArray(map))
        throw new YamlError(line, 'map merge requires map or sequence of maps as the value');
      return Object.entries(map).map(([key, each]) => ({ key, value: each, line }));
    });
  }

  #lineAt(root: YamlValue, path: readonly PropertyKey[]): number {
    let value: unknown = root;
    let line = 1;
    for (const step of path) {
      if (typeof value !== 'object' || value === null) break;
      line = this.#keys.get(value)?.get(String(step)) ?? line;
      value = Object.hasOwn(value, step) ? (value as Record<PropertyKey, unknown>)[step] : undefined;
      if (Array.isArray(value) || typeof step !== 'number') continue;
      line = (typeof value === 'object' && value !== null && this.#places.get(value)) || line;
    }
    return line;
  }
}

/** Reads a document. @throws YamlError with the line of the first thing that is wrong */
export const readYamlTree = (text: string): YamlTree => {
  try {
    return new Reader(text).read();
  } catch (error) {
    // Brackets in brackets in brackets: deeper than anything that is meant.
    if (error instanceof RangeError) throw new YamlError(1, 'the document is nested too deep');
    throw error;
  }
};
