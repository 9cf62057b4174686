import { expect, it } from 'vitest';
import { openapiOf } from '../../lambdas/api/openapi.ts';
import { ROUTES } from '../../lambdas/api/routes.ts';

it('is checked in as the route table says (vitest run -u writes it anew)', async () => {
  await expect(`${JSON.stringify(openapiOf(ROUTES), null, 2)}\n`).toMatchFileSnapshot('../../docs/openapi.json');
});
