import * as z from 'zod';
import { GettableAlert } from '../domain/alerts/api-v2.ts';
import { PlainText } from '../domain/plain-text.ts';
import { AlertPath } from './alert-path.ts';
import { actOn } from './change-alert.ts';
import { route } from './route.ts';

/** POST /v1/alerts/{id}/actions/comment */
export const commentAlert = route({
  method: 'POST',
  path: '/v1/alerts/{id}/actions/comment',
  action: 'comment-alert',
  summary: 'Write down something about an alert, for those who look at it later: also for a day after it is over',
  access: 'operator',
  params: AlertPath,
  body: z.strictObject({ comment: PlainText(500) }),
  answers: { 200: GettableAlert },
  handler: async ({ params: { id }, body: { comment } }, call) => {
    const entry = { at: call.at, what: 'commented', by: call.by.name, text: comment } as const;
    return actOn(id, call, { change: {}, entry, isLateToo: true });
  },
});
