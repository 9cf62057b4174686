import * as z from 'zod';
import { eventDetail } from '../../domain/alerts/bus-event.ts';
import type { BusSpec } from '../../domain/alerts/routing-row.ts';
import { type AwsCall, isBusy } from './aws.ts';
import { NotTold } from './webhook.ts';
import { toldOf, type Word } from './word.ts';

/** The call that puts an event on a bus. */
export const busCall = ({ busName }: BusSpec, word: Word): AwsCall => ({
  service: 'events',
  path: '/',
  headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AWSEvents.PutEvents' },
  body: JSON.stringify({
    Entries: [
      {
        EventBusName: busName,
        Source: 'novacron.notification',
        DetailType: 'Alert Notification',
        Time: Math.floor(word.at / 1_000),
        Detail: eventDetail(toldOf(word), word.group.project),
      },
    ],
  }),
});

const Put = z.object({
  Entries: z.array(z.object({ ErrorCode: z.string().optional(), ErrorMessage: z.string().optional() })).default([]),
});

/** An answer that is good may say of an entry that it was not taken. @throws NotTold */
export const assertPut = (answer: string): void => {
  const [{ ErrorCode, ErrorMessage = '' } = {}] = Put.parse(JSON.parse(answer)).Entries;
  if (ErrorCode) throw new NotTold(`EVENTS does not take it: ${ErrorCode}: ${ErrorMessage}`, isBusy(ErrorCode));
};
