import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const Counts = z.strictObject({
  /** Entered states and retries of a clean run; test/workflows counts them. */
  transitions: z.number().int(),
  /** From the operation's transaction to its record, without the provider's and the stream consumers'; test/steps counts them. */
  awsCalls: z.number().int(),
  /** Calls of the provider contract. */
  providerCalls: z.number().int(),
  /** Reckoned from the rows that are written (twice in a transaction) and the functions that hear of them; nothing counts these. */
  reckoned: z.strictObject({
    lambdaCalls: z.number().int(),
    writeUnits: z.number(),
    readUnits: z.number(),
    events: z.number(),
  }),
});
export type Counts = z.infer<typeof Counts>;

const Budgets = z.strictObject({
  /** What each function may weigh, 5 % over it fails. */
  gzipKiB: z.record(z.string(), z.number()),
  /** What no function may weigh, by design. */
  ceilingsKiB: z.strictObject({ plain: z.number(), holdingEc2: z.number() }),
  operations: z.record(z.string(), Counts),
  /** Transitions where the hosts watch for readiness (KVM), of the operations that wait for it. */
  watched: z.record(z.string(), z.number().int()),
  /** What a thousand of each cost, and an installation of each size a month (bench/monthly.ts): 5 % over it fails. */
  usdPerThousand: z.record(z.string(), z.number()),
  usdAMonth: z.record(z.string(), z.number()),
});

const Prices = z.object({
  asOf: z.iso.date(),
  region: z.string(),
  source: z.string(),
  usd: z.record(
    z.enum([
      'transition',
      'lambdaRequest',
      'lambdaGiBSecondArm64',
      'httpApiRequest',
      'writeUnit',
      'readUnit',
      'customEvent',
      'sqsRequest',
      'sqsFifoRequest',
    ]),
    z.number().positive(),
  ),
  /** What a whole installation costs beside these: bench/monthly.ts. */
  monthly: z.strictObject({
    asOf: z.iso.date(),
    source: z.string(),
    assumed: z.string(),
    freeDashboards: z.number().int(),
    usd: z.record(
      z.enum([
        'keyMonth',
        'keyRequest',
        'alarmMetricMonth',
        'dashboardMonth',
        'customMetricMonth',
        'metricRequested',
        'logGB',
        'scheduledRun',
        'trace',
      ]),
      z.number().positive(),
    ),
  }),
});

const read = (name: string): unknown => JSON.parse(readFileSync(join(import.meta.dirname, name), 'utf8'));

/** The checked-in tables that a regression fails on (test/stacks/budgets.test.ts). */
export const budgets = Budgets.parse(read('budgets.json'));
export const prices = Prices.parse(read('prices.json'));

/** A call of ours takes about this long at 512 MB, warm. */
const LAMBDA_SECONDS = 0.1;
const LAMBDA_GIB = 0.5;

/** What a thousand such operations cost at list price, without free tiers. */
export const usdPerThousand = ({ transitions, reckoned }: Counts): number => {
  const { usd } = prices;
  const { lambdaCalls, writeUnits, readUnits, events } = reckoned;
  const lambda = usd.lambdaRequest + LAMBDA_SECONDS * LAMBDA_GIB * usd.lambdaGiBSecondArm64;
  const one =
    usd.httpApiRequest +
    transitions * usd.transition +
    lambdaCalls * lambda +
    writeUnits * usd.writeUnit +
    readUnits * usd.readUnit +
    events * usd.customEvent +
    usd.sqsRequest;
  return Math.round(one * 1_000 * 10_000) / 10_000;
};

/** What is usual: a Lambda a state, a Wait loop of 5 s, six polls. */
export const USUAL: Counts = {
  transitions: 24,
  awsCalls: 30,
  providerCalls: 7,
  reckoned: { lambdaCalls: 12, writeUnits: 6, readUnits: 6, events: 1 },
};
