import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { withAddress } from '../test/support/private-address.ts';

/**
 * A webhook at a private address of this machine, in a process of its own: it counts what it is posted, and forgets that when it is
 * told to. GET answers { posts, groups, ms }: how many came, of how many groups, and the time from the first to the last.
 * Usage: node bench/webhooks.ts <address>; prints its URL, ends with its standard input.
 */
const [host = ''] = process.argv.slice(2);
const address = withAddress(host);
await address.add();

let times: number[] = [];
const groups = new Set<string>();

const server = createServer(async (request, response) => {
  if (request.method === 'POST') {
    // A body of Alertmanager's webhook, version 4.
    groups.add(((await json(request)) as { readonly groupKey: string }).groupKey);
    times.push(performance.now());
  }
  if (request.method === 'DELETE') {
    times = [];
    groups.clear();
  }
  const ms = (times.at(-1) ?? 0) - (times[0] ?? 0);
  response.end(request.method === 'GET' ? JSON.stringify({ posts: times.length, groups: groups.size, ms }) : undefined);
});
server.listen(0, host, () => {
  const place = server.address();
  if (place === null || typeof place === 'string') throw new Error('the webhook has no port');
  console.log(`http://${host}:${place.port}`);
});
process.stdin.resume().on('end', async () => {
  await address.remove();
  process.exit();
});
