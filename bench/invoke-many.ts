import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import { inLanes } from './lanes.ts';
import { pathOf } from './paths.ts';

/**
 * Calls a function as it is shipped for each event of a list: one after the other as one sandbox does, or so many at once. Prints what
 * that came to, one line of JSON: its time, and CPU and memory of the process from its start.
 * Usage: node bench/invoke-many.ts <entry> [<at once>], a JSON array on standard input.
 */
const [entry = '', atOnce = '1'] = process.argv.slice(2);
const { handler } = createRequire(import.meta.url)(pathOf(entry));
const context = { awsRequestId: 'bench', functionName: 'bench', getRemainingTimeInMillis: () => 300_000 };
const events: readonly unknown[] = JSON.parse(await text(process.stdin));

const call = async (event: unknown): Promise<void> => {
  const answer = await handler(event, context);
  if (answer?.statusCode >= 400) throw new Error(`${entry} answers ${answer.statusCode}: ${answer.body}`);
};

const begin = performance.now();
await inLanes(Number(atOnce), events, call);
const ms = performance.now() - begin;
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
console.log(JSON.stringify({ ms, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, maxRssMiB: maxRSS / 1024 }));
