import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { Instant } from '../../lambdas/domain/ids.ts';
import { Report } from '../../lambdas/domain/report.ts';
import { ROOT } from '../support/run.ts';

/**
 * No pattern backtracks without end: each, on texts made to lead it astray, takes about twice as long for a text twice as
 * long. Judged by the growth, never by the time itself; a body is at most 131,072 bytes, so that is how long they get.
 */
const LONGEST = 131_072;
/** Eight times the text: linear is 8, quadratic 64. The margin is for a busy machine. */
const [GROWTH, MOST_GROWTH] = [8, 40];
/** Below this a ratio measures the clock. */
const NOISE_MS = 8;
/** A linear pattern takes a tenth of a millisecond for these. */
const FAR_TOO_SLOW_MS = 15;

const literalsOf = (file: string): RegExp[] => {
  const source = ts.createSourceFile(file, readFileSync(join(ROOT, file), 'utf8'), ts.ScriptTarget.Latest, true);
  const found: RegExp[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const [, pattern = '', flags = ''] = /^\/(.*)\/(\w*)$/s.exec(node.text) ?? [];
      found.push(new RegExp(pattern, flags.replaceAll(/[gy]/g, '')));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
};

/** Patterns that stand in text. Python's `match` and SSM begin at the beginning. */
const inText = (file: string, pattern: RegExp): RegExp[] =>
  [...readFileSync(join(ROOT, file), 'utf8').matchAll(pattern)].map(
    ([, text = '']) => new RegExp(`^(?:${text.replaceAll('\\Z', '$')})`, 'u'),
  );

/** Every `pattern` of the API's document, which clients and gateways compile, too (JSON Schema: with `u`). */
const inDocument = (part: unknown): string[] => {
  if (part === null || typeof part !== 'object') return [];
  const own = 'pattern' in part && typeof part.pattern === 'string' ? [part.pattern] : [];
  return [...own, ...Object.values(part).flatMap(inDocument)];
};

const DOCUMENT = 'docs/openapi.json';

const IN_SOURCES: readonly (readonly [string, RegExp])[] = [
  ...globSync('lambdas/**/*.ts', { cwd: ROOT }).flatMap((file) =>
    literalsOf(file).map((pattern) => [`${file} ${pattern}`, pattern] as const),
  ),
  ...globSync('ssm-documents/**/*.yaml', { cwd: ROOT }).flatMap((file) =>
    inText(file, /allowedPattern: (\S+)/g).map((pattern) => [`${file} ${pattern}`, pattern] as const),
  ),
  ...globSync('ssm-documents/host-unit/**/*.py', { cwd: ROOT }).flatMap((file) =>
    inText(file, /re\.(?:compile|match)\(\s*r"((?:[^"\\]|\\.)*)"/g).map(
      (pattern) => [`${file} ${pattern}`, pattern] as const,
    ),
  ),
];

const judged = new Set(IN_SOURCES.map(([, { source }]) => source));
const published = new Set(inDocument(JSON.parse(readFileSync(join(ROOT, DOCUMENT), 'utf8'))));

const IN_DOCUMENT = [...published]
  .map((text) => new RegExp(text, 'u'))
  .filter(({ source }) => !judged.has(source))
  .map((pattern) => [`${DOCUMENT} ${pattern}`, pattern] as const);

const PATTERNS = [...IN_SOURCES, ...IN_DOCUMENT];

/** What a pattern's own text begins with, up to its first metacharacter. */
const headOf = ({ source }: RegExp): string =>
  /^\^?((?:[\w :/@-]|\\[/.-])*)/.exec(source)?.[1]?.replaceAll('\\', '') ?? '';

const PUMPS = [
  'a',
  'A',
  '0',
  '-',
  '.',
  ' ',
  '/',
  ':',
  '_',
  ',',
  '%',
  '[',
  '\t',
  '\n',
  '=',
  '{',
  '"',
  'é',
  'a-',
  'a.',
  'a/',
  '.a',
  '0.',
  'a ',
  ', ',
  'a=',
  '/a',
  '::',
  '{{',
  'a\n',
];
const ENDS = ['', '!', '\0'];

/** Of this thread's own work: what the machine does beside does not count. */
const millisOf = (act: () => void): number => {
  const start = process.threadCpuUsage();
  act();
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / 1_000;
};
/** The least of three: a collection of garbage only ever adds. */
const quickest = (act: () => void): number => Math.min(millisOf(act), millisOf(act), millisOf(act));

const textOf = (head: string, pump: string, end: string, length: number): string =>
  `${head}${pump.repeat(Math.ceil(length / pump.length))}${end}`;

/** How a text of the longest kind compares to one an eighth as long; 1 where neither takes any time. */
const growthOf = (act: (text: string) => void, make: (length: number) => string): number => {
  // What is exponential, or grows by the square, shows itself while it still ends.
  for (const length of [12, 18, 24, 1_000, 8_000]) {
    if (quickest(() => act(make(length))) > FAR_TOO_SLOW_MS) return Number.POSITIVE_INFINITY;
  }
  const [short, long] = [make(LONGEST / GROWTH), make(LONGEST)];
  const slow = millisOf(() => act(long));
  if (slow < NOISE_MS) return 1;
  return (
    quickest(() => act(long)) /
    Math.max(
      quickest(() => act(short)),
      NOISE_MS / GROWTH,
    )
  );
};

const astray = (act: (text: string) => void, head: string): string[] =>
  PUMPS.flatMap((pump) =>
    ENDS.filter((end) => growthOf(act, (length) => textOf(head, pump, end, length)) > MOST_GROWTH).map((end) =>
      JSON.stringify([head, pump, end]),
    ),
  );

describe('patterns', () => {
  it('are all found', () => {
    expect(IN_SOURCES.length).toBeGreaterThan(100);
    expect(published.size).toBeGreaterThan(25);
    expect(IN_DOCUMENT.length).toBeGreaterThan(0);
  });

  it('that backtrack are seen by this very test', () => {
    expect(astray((text) => /^(a+)+$/.test(text), '')).not.toEqual([]);
    expect(astray((text) => /^\s+|\s+$/.test(text), 'x')).not.toEqual([]);
  });

  it.each(PATTERNS)('%s grows with its text', (_, pattern) => {
    const heads = [...new Set(['', headOf(pattern)])];
    expect(heads.flatMap((head) => astray((text) => pattern.test(text), head))).toEqual([]);
  });
});

describe('formats of the schema library', () => {
  it.each<[string, z.ZodType]>([
    ['guid', z.guid()],
    ['instant', Instant],
    ['base64', z.base64()],
    ['url', z.url()],
    ['http url', z.httpUrl()],
    ['report', Report],
  ])('%s grow with their text', (_, schema) => {
    for (const head of ['', 'http://', '2026-11-25T10:00:00.']) {
      expect(astray((text) => schema.safeParse(text), head)).toEqual([]);
    }
  });
});
