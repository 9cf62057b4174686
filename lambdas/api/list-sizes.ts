import * as z from 'zod';
import { SIZES, Size } from '../domain/size.ts';
import { route } from './route.ts';

/** GET /v1/sizes */
export const listSizes = route({
  method: 'GET',
  path: '/v1/sizes',
  action: 'list-sizes',
  summary: 'The sizes a VM may have, smallest first',
  access: 'viewer',
  answers: { 200: z.strictObject({ items: z.array(Size) }) },
  handler: async () => ({ status: 200, body: { items: SIZES } }),
});
