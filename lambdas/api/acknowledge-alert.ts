import * as z from 'zod';
import type { Acknowledgement } from '../domain/alerts/alert-row.ts';
import { GettableAlert } from '../domain/alerts/api-v2.ts';
import { Fault } from '../domain/faults.ts';
import { Instant } from '../domain/ids.ts';
import { PlainText } from '../domain/plain-text.ts';
import { AlertPath } from './alert-path.ts';
import { acknowledging, actOn } from './change-alert.ts';
import { type Call, route } from './route.ts';

const Body = z.strictObject({
  /** Until then nobody is reminded; while it fires, where it is left out. */
  until: Instant.optional(),
  comment: PlainText(500).optional(),
});

/** @throws InvalidRequest where its end has passed */
const acknowledgement = ({ until, comment }: z.output<typeof Body>, { by, at }: Call): Acknowledgement => {
  if (until !== undefined && until <= at) {
    const detail = 'has passed';
    throw new Fault('InvalidRequest', `${until} ${detail}.`, { errors: [{ pointer: '/until', detail }] });
  }
  return { by: by.name, at, ...(until ? { until } : {}), ...(comment ? { comment } : {}) };
};

/** POST /v1/alerts/{id}/actions/acknowledge */
export const acknowledgeAlert = route({
  method: 'POST',
  path: '/v1/alerts/{id}/actions/acknowledge',
  action: 'acknowledge-alert',
  summary: 'Take an alert on: nobody is reminded of it until it is over, or until then',
  access: 'operator',
  params: AlertPath,
  body: Body,
  answers: { 200: GettableAlert },
  handler: async ({ params: { id }, body }, call) => actOn(id, call, acknowledging(acknowledgement(body, call))),
});
