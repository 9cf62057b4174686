import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { environment } from './functions.ts';
import { FUNCTION_MB } from './processes.ts';

const execute = promisify(execFile);

const ScheduleFigures = z.object({
  ec2Calls: z.number(),
  /** Of all services, by what decides and asks EC2. */
  ownCalls: z.number(),
  /** And by what follows each change to its end. */
  allCalls: z.number(),
  byService: z.string(),
  /** Of all its processes, from their start. */
  cpuSeconds: z.number(),
  /** Of its largest process. */
  maxRssMiB: z.number(),
});
export type ScheduleFigures = z.infer<typeof ScheduleFigures>;

/** By run, then by contestant. */
const Figures = z.record(
  z.string(),
  z.record(z.string(), z.union([ScheduleFigures, z.object({ skipped: z.string() })])),
);
export type Figures = z.infer<typeof Figures>;

/**
 * A run of a schedule over so many EC2 instances, ours beside instance-scheduler-on-aws and Cloud Custodian on one emulated EC2.
 * Ours has the heap of functions of so much memory. The peers are fetched into .novacron/peers; one that cannot be had is skipped.
 */
export const scheduleFigures = async (rounds: number, size: number, memoryMB = FUNCTION_MB): Promise<Figures> => {
  const { INSTANCE_SCHEDULER_CLONE, HOME } = process.env;
  const { stdout } = await execute(
    process.execPath,
    [join(import.meta.dirname, 'schedules-rounds.ts'), String(rounds), String(size), String(memoryMB)],
    { env: { ...environment, INSTANCE_SCHEDULER_CLONE, HOME }, maxBuffer: 1 << 24 },
  );
  return Figures.parse(JSON.parse(stdout));
};

/** For people: a table for each run. */
export const showSchedules = (all: Figures): void => {
  for (const [run, figures] of Object.entries(all)) {
    console.log(`  ${run}`);
    console.table(figures, ['ec2Calls', 'ownCalls', 'allCalls', 'cpuSeconds', 'maxRssMiB', 'skipped']);
    for (const [name, figure] of Object.entries(figures))
      if ('byService' in figure) console.log(`  ${name}: ${figure.byService}`);
  }
};

if (import.meta.main) {
  const [rounds = 3, size = 1_000, memoryMB] = process.argv.slice(2).map(Number);
  showSchedules(await scheduleFigures(rounds, size, memoryMB));
}
