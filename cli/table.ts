import { stripVTControlCharacters } from 'node:util';

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** Two columns in a terminal: East Asian wide and fullwidth blocks, and emoji. */
const WIDE =
  /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}])/u;
const GAP = '  ';

/** Columns that a terminal gives the text; colour codes take none. */
export const widthOf = (text: string): number => {
  const plain = stripVTControlCharacters(text);
  // Most cells are ASCII, where length is the answer.
  if (/^[\x20-\x7e]*$/.test(plain)) return plain.length;
  return [...graphemes.segment(plain)].reduce((sum, { segment }) => sum + (WIDE.test(segment) ? 2 : 1), 0);
};

/** Fills with blanks on the right. */
export const padTo = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)));

/** Cuts plain text to a width, ending in an ellipsis where something is lost. */
export const cutTo = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text;
  let cut = '';
  for (const { segment } of graphemes.segment(stripVTControlCharacters(text))) {
    if (widthOf(cut + segment) > width - 1) break;
    cut += segment;
  }
  return `${cut}…`;
};

export interface Column<T> {
  readonly title: string;
  readonly value: (row: T) => string | number | undefined;
  /** Colour, applied after the width is known. */
  readonly paint?: (cell: string, row: T) => string;
  readonly align?: 'right';
}

/** Lines of a table under a heading; what is unknown is `–`, the last column is not padded. */
export const table = <T>(
  columns: readonly Column<T>[],
  rows: readonly T[],
  heading: (text: string) => string,
): string => {
  const cells = rows.map((row) => columns.map((column) => String(column.value(row) ?? '') || '–'));
  const widths = columns.map((column, i) =>
    Math.max(widthOf(column.title), ...cells.map((line) => widthOf(line[i] ?? ''))),
  );
  const line = (texts: readonly string[], paint: (text: string, i: number) => string): string =>
    texts
      .map((text, i) => {
        const column = columns[i];
        const space = (widths[i] ?? 0) - widthOf(text);
        if (column?.align === 'right') return ' '.repeat(space) + paint(text, i);
        return paint(text, i) + (i === texts.length - 1 ? '' : ' '.repeat(space));
      })
      .join(GAP);
  const titles = line(
    columns.map((column) => column.title),
    (text) => heading(text),
  );
  const body = cells.map((texts, r) =>
    line(texts, (text, i) => {
      const row = rows[r];
      return row === undefined ? text : (columns[i]?.paint?.(text, row) ?? text);
    }),
  );
  return [titles, ...body].map((text) => `${text}\n`).join('');
};

/** `Label  value` lines of one thing; what is undefined is left out, more lines of a value are indented under it. */
export const sheet = (
  lines: readonly (readonly [label: string, value: string | undefined])[],
  heading: (text: string) => string,
): string => {
  const shown = lines.filter((line): line is readonly [string, string] => line[1] !== undefined && line[1] !== '');
  const width = Math.max(0, ...shown.map(([label]) => widthOf(label)));
  return shown
    .map(([label, value]) => {
      const [first, ...more] = value.split('\n');
      const rest = more.map((text) => `${' '.repeat(width)}${GAP}${text}\n`).join('');
      return `${heading(padTo(label, width))}${GAP}${first}\n${rest}`;
    })
    .join('');
};
