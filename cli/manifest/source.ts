import { isMap, isNode, isScalar, isSeq, LineCounter, type Pair, parseDocument } from 'yaml';
import { UsageError } from '../exit-codes.ts';

type Path = readonly PropertyKey[];

/** Something that a file has wrong, and where. */
export interface Trouble {
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** A YAML file: what it says, and where it says it. */
export interface Source {
  readonly value: unknown;
  /** The place of a value, or of the nearest that is there around it; `key` means the key itself. */
  place(path: Path, key?: PropertyKey): { readonly line: number; readonly column: number };
}

/** More of them help nobody. */
const MOST = 20;

/** @throws UsageError with all troubles, a line each */
export const refuse = (file: string, troubles: readonly Trouble[]): never => {
  const lines = troubles
    .toSorted((a, b) => a.line - b.line || a.column - b.column)
    .map(({ line, column, text }) => `${file}:${line}:${column}: ${text}`);
  const more = lines.length > MOST ? [`and ${lines.length - MOST} more`] : [];
  throw new UsageError([...lines.slice(0, MOST), ...more].join('\n'));
};

const pairOf = (node: unknown, key: PropertyKey): Pair<unknown, unknown> | undefined =>
  isMap(node) ? node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key)) : undefined;

const childOf = (node: unknown, key: PropertyKey): unknown =>
  isSeq(node) ? node.items[Number(key)] : pairOf(node, key)?.value;

/** Reads a file's YAML. @throws UsageError naming line and column */
export const readSource = (file: string, text: string): Source => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const wrong = [...document.errors, ...document.warnings];
  if (wrong.length > 0)
    refuse(
      file,
      wrong.map(({ pos, message }) => ({ ...at(pos[0]), text: message })),
    );
  const offsetOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);
  const place = (path: Path, key?: PropertyKey) => {
    let node: unknown = document.contents;
    let offset = offsetOf(node) ?? 0;
    for (const step of path) {
      const next = childOf(node, step);
      if (!isNode(next)) break;
      node = next;
      offset = offsetOf(node) ?? offset;
    }
    const pair = key === undefined ? undefined : pairOf(node, key);
    return at(offsetOf(pair?.key) ?? offset);
  };
  try {
    return { value: document.toJS({ maxAliasCount: 100 }), place };
  } catch (error) {
    // An alias of nothing, or a few lines that unfold into more than anybody writes.
    return refuse(file, [{ ...at(0), text: error instanceof Error ? error.message : String(error) }]);
  }
};
