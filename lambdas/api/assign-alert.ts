import * as z from 'zod';
import { GettableAlert } from '../domain/alerts/api-v2.ts';
import { PlainText } from '../domain/plain-text.ts';
import { AlertPath } from './alert-path.ts';
import { actOn } from './change-alert.ts';
import { route } from './route.ts';

/** POST /v1/alerts/{id}/actions/assign */
export const assignAlert = route({
  method: 'POST',
  path: '/v1/alerts/{id}/actions/assign',
  action: 'assign-alert',
  summary: 'Say who is to see to an alert until it is over, or that nobody is; who is told of it stays as it is',
  access: 'operator',
  params: AlertPath,
  body: z.strictObject({
    /** A person or a team, as people call them; nobody, where it is left out. */
    to: PlainText(200).optional(),
  }),
  answers: { 200: GettableAlert },
  handler: async ({ params: { id }, body: { to } }, call) => {
    const { at, by } = call;
    const assigned = to === undefined ? undefined : { to, by: by.name, at };
    const entry = { at, what: 'assigned', by: by.name, ...(to === undefined ? {} : { to }) } as const;
    return actOn(id, call, { change: { assigned }, entry });
  },
});
