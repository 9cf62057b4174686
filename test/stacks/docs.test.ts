import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../lib/bundles.ts';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

interface Threat {
  readonly id: string;
  readonly kind: string;
  readonly file: string;
  readonly title: string;
}

const THREATS: readonly Threat[] = read('docs/security.md')
  .split('\n')
  .flatMap((line) => {
    const [, id = '', kind = ''] = /^\| (T-\d+) \| (\w+) \|/.exec(line) ?? [];
    const [, file = '', title = ''] = /`([^`]+)`: ([^|]+) \|$/.exec(line) ?? [];
    return id === '' ? [] : [{ id, kind, file, title }];
  });

describe('the threats of docs/security.md', () => {
  it('are numbered in order, each of a kind of STRIDE', () => {
    expect(THREATS.length).toBeGreaterThan(30);
    expect(THREATS.map(({ id }) => id)).toEqual(THREATS.map((_, index) => `T-${String(index + 1).padStart(2, '0')}`));
    expect(new Set(THREATS.map(({ kind }) => kind))).toEqual(new Set(['S', 'T', 'R', 'I', 'D', 'E']));
  });

  it.each(THREATS)('$id has a test: $title', ({ file, title }) => {
    expect(existsSync(join(ROOT, file)), file).toBe(true);
    expect(read(file)).toContain(title);
  });
});
