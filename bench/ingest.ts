import * as z from 'zod';
import { besideOwnAws } from './own-aws.ts';

const Taker = z.object({
  /** Values of one metric of one subject at one time: median of the rounds. */
  samplesPerMinute: z.number(),
  requestsPerSecond: z.number(),
  /** The most memory of its process in any round. */
  peakMiB: z.number(),
  /** CPU of its process for a thousand samples: median of the rounds. */
  cpuMsPerThousand: z.number(),
});
export type Taker = z.infer<typeof Taker>;

const Figures = z.union([z.object({ ours: Taker, prometheus: Taker }), z.object({ skipped: z.string() })]);

/**
 * What hosts of 20 VMs measure, a request for each look of 15 s as the host unit sends it: taken by one process of `api/ingest` as it is
 * shipped, ten requests at once, each authenticated, checked, kept, and looked at by the built-in rules; beside Debian's Prometheus, which
 * is written the same samples in the same portions by remote write and keeps them alone, in turn. Ours has its tables in memory of
 * another process, behind the SDK's own calls.
 */
export const ingestFigures = async (rounds: number, hosts: number, looks: number): Promise<z.infer<typeof Figures>> =>
  Figures.parse(await besideOwnAws('ingest-rounds.ts', [rounds, hosts, looks]));

if (import.meta.main) {
  const [rounds = 5, hosts = 50, looks = 20] = process.argv.slice(2).map(Number);
  console.table(await ingestFigures(rounds, hosts, looks));
}
