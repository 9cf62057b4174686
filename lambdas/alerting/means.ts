import * as z from 'zod';
import type { Means } from '../domain/alerts/aws-ways.ts';
import { csv, env } from '../runtime/env.ts';

const {
  MAIL_FROM: mailFrom,
  RECEIVER_TOPICS: topics,
  RECEIVER_SMS: sms,
  RECEIVER_BUSES: buses,
} = env({ MAIL_FROM: z.string(), RECEIVER_TOPICS: csv, RECEIVER_SMS: z.enum(['true', 'false']), RECEIVER_BUSES: csv });

/** What this installation may reach receivers by, as its settings say. */
export const MEANS: Means = { mailFrom: mailFrom === '' ? undefined : mailFrom, topics, sms: sms === 'true', buses };
