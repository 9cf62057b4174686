import { createRequire } from 'node:module';
import { ACCOUNT, instanceIdOf, REGION } from './fleet-place.ts';
import { pathOf } from './paths.ts';

/**
 * Reconciles the fleet behind AWS_ENDPOINT_URL once by the function as it is shipped, in a process of its own, so that the
 * memory is its own too. With two numbers, events and stride, it takes so many state-change events instead. Prints
 * { ms, maxRssMiB }.
 */
type Handler = (event: unknown, context: object) => Promise<unknown>;

const handlerOf = (entry: string): Handler => createRequire(import.meta.url)(pathOf(entry)).handler;

const context = { awsRequestId: 'bench', functionName: 'bench', getRemainingTimeInMillis: () => 300_000 };
const [events, stride] = process.argv.slice(2).map(Number);

const wholeFleet = () => {
  const handler = handlerOf('schedules/reconcile');
  return () => handler({}, context);
};

const byEvents = (count: number, every: number) => {
  const handler = handlerOf('events/look-again');
  return async (): Promise<void> => {
    for (let at = 0; at < count; at += 1) {
      const event = { account: ACCOUNT, region: REGION, detail: { 'instance-id': instanceIdOf(at * every) } };
      await handler({ Records: [{ messageId: String(at), body: JSON.stringify(event) }] }, context);
    }
  };
};

const work = events === undefined || stride === undefined ? wholeFleet() : byEvents(events, stride);
const start = performance.now();
await work();
console.log(JSON.stringify({ ms: performance.now() - start, maxRssMiB: process.resourceUsage().maxRSS / 1024 }));
