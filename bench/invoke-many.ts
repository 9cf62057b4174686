import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import { pathOf } from './paths.ts';

/**
 * Calls a function as it is shipped for each event of a list, one after the other as one sandbox does.
 * Usage: node bench/invoke-many.ts <entry>, a JSON array on standard input.
 */
const [entry = ''] = process.argv.slice(2);
const { handler } = createRequire(import.meta.url)(pathOf(entry));
const context = { awsRequestId: 'bench', functionName: 'bench', getRemainingTimeInMillis: () => 300_000 };
for (const event of JSON.parse(await text(process.stdin))) await handler(event, context);
