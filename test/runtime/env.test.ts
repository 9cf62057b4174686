import { afterEach, expect, it, vi } from 'vitest';
import { csv, env, text } from '../../lambdas/runtime/env.ts';

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
