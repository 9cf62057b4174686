import { expect, it } from 'vitest';
import { FIXED } from '../../lambdas/api/match.ts';
import { openapiOf } from '../../lambdas/api/openapi.ts';
import { ROUTES } from '../../lambdas/api/routes.ts';
import { METHODS } from '../../lambdas/runtime/methods.ts';

it('is checked in as the route table says (vitest run -u writes it anew)', async () => {
  await expect(`${JSON.stringify(openapiOf(ROUTES), null, 2)}\n`).toMatchFileSnapshot('../../docs/openapi.json');
});

it('tells wrong methods from unknown paths by a table that is complete', () => {
  const methods = ROUTES.map(({ path, method }) => `${method} ${path}`).sort();
  expect(
    Object.entries(METHODS)
      .flatMap(([path, list]) => list.split(' ').map((method) => `${method} ${path}`))
      .sort(),
  ).toEqual(methods);
});

it('knows which paths stand where others have a parameter', () => {
  const isOf = (path: string) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/{}]+')}$`);
  const paths = Object.keys(METHODS);
  const fixed = paths.filter((path) => paths.some((other) => other !== path && isOf(other).test(path)));
  expect([...FIXED]).toEqual(fixed);
});

it('names each action once', () => {
  expect(new Set(ROUTES.map(({ action }) => action)).size).toBe(ROUTES.length);
});
