import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { suggest } from '../../cli/suggest.ts';
import { cutTo, sheet, table, widthOf } from '../../cli/table.ts';
import { ago, secondsOf, span } from '../../cli/times.ts';
import { dollars, memory } from '../../cli/words.ts';

const plain = (text: string) => text;

describe('widths', () => {
  it.each([
    ['web-1', 5],
    ['データ', 6],
    ['é', 1],
    ['e\u0301', 1],
    ['👩‍💻', 2],
    ['✔', 1],
    ['–', 1],
    ['\u001b[32mrunning\u001b[39m', 7],
    ['', 0],
  ])('%j takes %d columns', (text, width) => expect(widthOf(text)).toBe(width));

  it('every line of a table is as wide as its columns, whatever the cells hold', () => {
    const cell = fc.oneof(fc.string(), fc.constantFrom('データ', '👩‍💻', 'é', ''));
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), (rows) => {
        const visible = rows.map(([a, b]): [string, string] => [a.replace(/\s/g, ''), b.replace(/\s/g, '')]);
        const columns = [
          { title: 'A', value: ([a]: [string, string]) => a },
          { title: 'B', value: ([, b]: [string, string]) => b, align: 'right' as const },
        ];
        const lines = table(columns, visible, plain).trimEnd().split('\n');
        expect(new Set(lines.map(widthOf)).size).toBe(1);
      }),
    );
  });

  it('cuts within the width, between letters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 20 }), (text, width) => {
        expect(widthOf(cutTo(text, width))).toBeLessThanOrEqual(width);
      }),
    );
    expect(cutTo('データベース', 7)).toBe('データ…');
  });

  it('indents the further lines of a value', () => {
    expect(
      sheet(
        [
          ['Disks', 'vda\nvdb'],
          ['Gone', undefined],
          ['Id', 'x'],
        ],
        plain,
      ),
    ).toBe('Disks  vda\n       vdb\nId     x\n');
  });
});

describe('words', () => {
  it.each([
    ['wbe-1', ['web-1']],
    ['we', ['web-1', 'web-2']],
    ['zzz', []],
  ])('for %s these were likely meant: %j', (word, meant) => {
    expect(suggest(word, ['web-1', 'web-2', 'db-1']).slice(0, meant.length || 3)).toEqual(meant);
  });

  it.each([
    ['90', 90],
    ['90s', 90],
    ['1h30m', 5400],
    ['7d', 604_800],
    ['soon', undefined],
    ['-5', undefined],
    ['', undefined],
  ])('%j is %j seconds', (text, seconds) => expect(secondsOf(text)).toBe(seconds));

  it.each([
    [0.44, '0.4 s'],
    [12.4, '12 s'],
    [185, '3 min 5 s'],
    [119.8, '2 min 0 s'],
  ])('%d s reads %s', (seconds, text) => {
    expect(
      span('2026-11-25T14:00:00.000Z', new Date(Date.parse('2026-11-25T14:00:00.000Z') + seconds * 1000).toISOString()),
    ).toBe(text);
  });

  it('ages are whole units, never negative', () => {
    const now = Date.parse('2026-11-25T14:00:00.000Z');
    expect(ago('2026-11-25T13:55:01.000Z', now)).toBe('4 m');
    expect(ago('2026-11-23T13:00:00.000Z', now)).toBe('2 d');
    expect(ago('2026-11-25T14:00:05.000Z', now)).toBe('0 s');
  });

  it('sizes and prices', () => {
    expect([memory(512), memory(2048), memory(1536)]).toEqual(['512 MiB', '2 GiB', '1.5 GiB']);
    expect([dollars(0.0208, 4), dollars(1234.5, 2), dollars(null, 2)]).toEqual(['$0.0208', '$1,234.50', 'unknown']);
  });
});
