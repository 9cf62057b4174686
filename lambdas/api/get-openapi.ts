import * as z from 'zod';
import document from '../../docs/openapi.json' with { type: 'json' };
import { route } from './route.ts';

const text = JSON.stringify(document);

/** GET /v1/openapi.json: the checked-in description, which a test holds to the route table. */
export const getOpenapi = route({
  method: 'GET',
  path: '/v1/openapi.json',
  action: 'get-openapi',
  summary: 'This description, OpenAPI 3.1',
  access: 'open',
  answers: { 200: z.looseObject({ openapi: z.string() }) },
  handler: async () => ({ status: 200, headers: { 'cache-control': 'max-age=300' }, body: text }),
});
