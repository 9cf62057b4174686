import { GettableAlert } from '../domain/alerts/api-v2.ts';
import { AlertPath } from './alert-path.ts';
import { actOn } from './change-alert.ts';
import { route } from './route.ts';

/** POST /v1/alerts/{id}/actions/unacknowledge */
export const unacknowledgeAlert = route({
  method: 'POST',
  path: '/v1/alerts/{id}/actions/unacknowledge',
  action: 'unacknowledge-alert',
  summary: 'Give an alert back: people are reminded of it again',
  access: 'operator',
  params: AlertPath,
  answers: { 200: GettableAlert },
  handler: async ({ params: { id } }, call) => {
    const entry = { at: call.at, what: 'given-back', by: call.by.name } as const;
    return actOn(id, call, { change: { acknowledged: undefined }, entry });
  },
});
