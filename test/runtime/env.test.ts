import { afterEach, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { csv, env, json, text } from '../../lambdas/runtime/env.ts';

afterEach(() => vi.unstubAllEnvs());

it('reads what a function declares', () => {
  vi.stubEnv('REGIONS', 'eu-central-1, us-east-1,');
  vi.stubEnv('STAGE', 'dev');
  expect(env({ REGIONS: csv, STAGE: text })).toEqual({ REGIONS: ['eu-central-1', 'us-east-1'], STAGE: 'dev' });
});

it('fails naming each variable that is missing or empty', () => {
  vi.stubEnv('STAGE', '');
  expect(() => env({ STAGE: text, NOWHERE: text })).toThrow(/STAGE: .*NOWHERE: /);
});

it.each(['{', '{"a":1}'])('refuses %s where JSON of a shape is wanted, naming the variable', (value) => {
  vi.stubEnv('BOOK', '{"a":"x"}');
  expect(env({ BOOK: json(z.object({ a: z.string() })) })).toEqual({ BOOK: { a: 'x' } });
  vi.stubEnv('BOOK', value);
  expect(() => env({ BOOK: json(z.object({ a: z.string() })) })).toThrow(/BOOK/);
});
