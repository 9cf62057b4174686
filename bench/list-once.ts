import { call, signIn } from '../test/support/api.ts';
import { percentile, rounded } from './samples.ts';

/**
 * Pages through the VMs of the fleet behind AWS_ENDPOINT_URL by the API's own code in this process: all of them, and those
 * that a filter leaves. Prints what a page took, one line of JSON.
 */
const token = await signIn('viewer');

interface Walk {
  readonly vms: number;
  readonly pages: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly allMs: number;
}

const walk = async (filter: string): Promise<Walk> => {
  const samples: number[] = [];
  let vms = 0;
  let cursor: string | undefined;
  do {
    const start = performance.now();
    const { status, body } = await call(`GET /v1/vms?limit=100${filter}${cursor ? `&cursor=${cursor}` : ''}`, {
      token,
    });
    samples.push(performance.now() - start);
    if (status !== 200) throw new Error(`a page was answered by ${status}: ${JSON.stringify(body)}`);
    vms += body.items.length;
    cursor = body.cursor;
  } while (cursor !== undefined);
  const [p50Ms, p99Ms] = [0.5, 0.99].map((share) => rounded(percentile(samples, share)));
  const allMs = rounded(samples.reduce((sum, ms) => sum + ms, 0));
  return { vms, pages: samples.length, p50Ms: p50Ms ?? 0, p99Ms: p99Ms ?? 0, allMs };
};

await walk('');
const all = await walk('');
const filtered = await walk('&tag:team=team-7');
console.log(JSON.stringify({ all, filtered }));
