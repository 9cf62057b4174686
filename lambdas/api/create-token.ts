import * as z from 'zod';
import { PlainText } from '../domain/plain-text.ts';
import { makeToken, NewTokenView } from './make-token.ts';
import { route } from './route.ts';

const DAY_SECONDS = 86_400;

const CreateToken = z.strictObject({
  name: PlainText(128),
  role: z.enum(['viewer', 'operator', 'admin']),
  expiresInDays: z.number().int().min(1).max(365).default(30),
});

/** POST /v1/tokens */
export const createToken = route({
  method: 'POST',
  path: '/v1/tokens',
  action: 'create-token',
  summary: 'Make a token for a program; its text is shown in this answer only',
  access: 'admin',
  body: CreateToken,
  answers: { 201: NewTokenView },
  handler: ({ body: { name, role, expiresInDays } }, call) =>
    makeToken(call, { name, role, seconds: expiresInDays * DAY_SECONDS }),
});
