import * as z from 'zod';
import { eventDetail } from '../../domain/alerts/bus-event.ts';
import type { BusSpec } from '../../domain/alerts/routing-row.ts';
import { callAws, isBusy } from './aws.ts';
import { NotTold } from './webhook.ts';
import { toldOf, type Word } from './word.ts';

const Put = z.object({
  Entries: z.array(z.object({ ErrorCode: z.string().optional(), ErrorMessage: z.string().optional() })).default([]),
});

/** Puts an event on a bus. @throws NotTold */
export const putEvent = async (entry: object): Promise<void> => {
  const answer = await callAws({
    service: 'events',
    path: '/',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AWSEvents.PutEvents' },
    body: JSON.stringify({ Entries: [entry] }),
  });
  // An answer that is good may say of an entry that it was not taken.
  const [{ ErrorCode, ErrorMessage = '' } = {}] = Put.parse(JSON.parse(answer)).Entries;
  if (ErrorCode) throw new NotTold(`EVENTS does not take it: ${ErrorCode}: ${ErrorMessage}`, isBusy(ErrorCode));
};

/** Tells a bus of a group. @throws NotTold */
export const tellBus = ({ busName }: BusSpec, word: Word): Promise<void> =>
  putEvent({
    EventBusName: busName,
    Source: 'novacron.notification',
    DetailType: 'Alert Notification',
    Time: Math.floor(word.at / 1_000),
    Detail: eventDetail(toldOf(word), word.group.project),
  });
