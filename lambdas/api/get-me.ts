import * as z from 'zod';
import { Role } from '../domain/principal.ts';
import { route } from './route.ts';

const Me = z.strictObject({ id: z.string(), name: z.string(), role: Role });

/** GET /v1/me */
export const getMe = route({
  method: 'GET',
  path: '/v1/me',
  action: 'get-me',
  summary: 'Who you are here, and your role',
  access: 'viewer',
  answers: { 200: Me },
  handler: async (_, { by: { id, name, role } }) => ({ status: 200, body: { id, name, role } }),
});
