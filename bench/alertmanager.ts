import * as z from 'zod';
import { besideOwnAws } from './own-aws.ts';

const Teller = z.object({
  /** Notifications, from the first that the webhook was posted to the last: median of the rounds. */
  perSecond: z.number(),
  /** The most memory of its process in any round, or of both. */
  peakMiB: z.number(),
  /** CPU for one notification: median of the rounds. */
  cpuMs: z.number(),
});
export type Teller = z.infer<typeof Teller>;

const Figures = z.union([
  z.object({ ours: Teller, oursInTwo: Teller, alertmanager: Teller }),
  z.object({ skipped: z.string() }),
]);

/**
 * So many groups of one alert each, told to one webhook: by one process of `alerting/group-due` as it is shipped, and by two, of which
 * each tells of fifty at once as one sandbox of Lambda does, beside Debian's Alertmanager, in turn. Ours has its table in memory of
 * another process, behind the SDK's own calls, and has taken the alerts in before; Alertmanager has them in its own memory, and its
 * figures of memory and CPU have it take them in.
 */
export const groupFigures = async (rounds: number, groups: number): Promise<z.infer<typeof Figures>> =>
  Figures.parse(await besideOwnAws('alertmanager-rounds.ts', [rounds, groups]));

if (import.meta.main) {
  const [rounds = 3, groups = 10_000] = process.argv.slice(2).map(Number);
  console.table(await groupFigures(rounds, groups));
}
