import * as z from 'zod';
import { DEFAULT_PROJECT } from '../domain/ids.ts';
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
  summary: 'Make a token for a program, good in this project; its text is shown in this answer only',
  access: 'admin',
  body: CreateToken,
  answers: { 201: NewTokenView },
  handler: ({ body: { name, role, expiresInDays } }, call) => {
    const { project, system } = call.by;
    return makeToken(call, {
      name,
      role,
      project,
      system: system && role === 'admin' && project === DEFAULT_PROJECT,
      seconds: expiresInDays * DAY_SECONDS,
    });
  },
});
