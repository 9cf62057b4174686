import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundle, entries, ROOT } from '../../lib/bundles.ts';
import { filesBelow, leaksOf, shapesIn, type Written } from '../support/leaks.ts';
import { type Resource, templatesOf } from '../support/stacks.ts';

/** No secret is part of what is built and deployed. What a running plane writes is searched by test/local/canary.test.ts. */
const templates = [...templatesOf()].map(([name, template]) => ({ name, json: template.toJSON() }));

const written = (place: string, text: string): Written => ({ place, data: Buffer.from(text) });

describe('what looks like a secret', () => {
  it('is in no template', () => {
    expect(shapesIn(templates.map(({ name, json }) => written(name, JSON.stringify(json))))).toEqual([]);
  });

  it('is in no bundle, and in no map of one', () => {
    const all = [...bundle(entries()).values()];
    expect(all.length).toBeGreaterThan(20);
    expect(shapesIn(all.flatMap(({ folder }) => [...filesBelow(folder)]))).toEqual([]);
  });

  it('is in no file of the product', () => {
    const files = execFileSync('git', ['ls-files', '-z', ':!test'], { cwd: ROOT, encoding: 'utf8' }).split('\0');
    const found = files.filter(Boolean).map((place) => ({ place, data: readFileSync(join(ROOT, place)) }));
    expect(shapesIn(found)).toEqual([]);
  });

  it('is found where there is one', () => {
    const samples = [
      `nc_${'a'.repeat(43)}`,
      ['-----BEGIN', 'PRIVATE KEY-----'].join(' '),
      ['https://hooks.slack.com', 'services/T0/B0/x'].join('/'),
      [`eyJ${'a'.repeat(20)}`, `eyJ${'b'.repeat(20)}`, 'c'.repeat(20)].join('.'),
      `AKIA${'A'.repeat(16)}`,
    ];
    for (const sample of samples) expect(shapesIn([written('x', `{"a":"${sample}"}`)]), sample).toHaveLength(1);
  });
});

it('a function is told where a secret lies, never the secret', () => {
  const functions = templates.flatMap(({ json }) =>
    Object.values<Resource>(json.Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function'),
  );
  const names = functions.flatMap(({ Properties: { Environment } }) => Object.keys(Environment?.Variables ?? {}));
  expect(names.length).toBeGreaterThan(100);
  const secretive = new Set(
    names.filter((name) => /TOKEN|SECRET|PASSWORD|WEBHOOK|PRIVATE|CREDENTIAL|CODE$|KEY/.test(name)),
  );
  expect([...secretive].filter((name) => !/_(PARAMETER|ARN)$/.test(name))).toEqual([]);
});

describe('a planted secret', () => {
  const secret = 'canary-bird-of-the-mine';
  const found = (text: string) => leaksOf([written('x', text)], { bird: secret });

  it('is found as it is, and within base64 wherever it begins', () => {
    expect(found(`a ${secret} b`)).toEqual(['x: bird']);
    for (const before of ['', 'a', 'ab', 'abc', 'abcd']) {
      expect(found(Buffer.from(`${before}${secret}${before}`).toString('base64')), before).toEqual(['x: bird']);
    }
    expect(found('canary-bird-of-the-min')).toEqual([]);
  });

  it('is found in the files of a folder, whatever is left out', () => {
    const folder = mkdtempSync(join(tmpdir(), 'novacron-leaks-'));
    try {
      for (const name of ['kept', 'open', 'guest.qcow2']) writeFileSync(join(folder, name), secret);
      const leaks = leaksOf(
        filesBelow(folder, (path) => path === 'kept'),
        { bird: secret },
      );
      expect(leaks).toEqual(['open: bird']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
