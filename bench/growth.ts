import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { bundle } from '../lib/bundles.ts';
import { type FleetServer, startFleet } from './fleet-server.ts';
import { SMALL_HEAP } from './processes.ts';
import { interleaved, median, rounded } from './samples.ts';

const execute = promisify(execFile);

const Once = z.object({ ms: z.number(), maxRssMiB: z.number() });

/** So many state-change events, whatever the size of the fleet: what one of them costs must not grow with it. */
const EVENTS = 200;

export interface GrowthFigures {
  readonly vms: number;
  /** A comparison of everything, 1 % of it changed. */
  readonly wholeMs: number;
  readonly microsecondsAVm: number;
  readonly maxRssMiB: number;
  /** Calls of DynamoDB and EC2 in one comparison. */
  readonly reads: number;
  readonly writes: number;
  /** One change that EC2 tells of. */
  readonly eventMs: number;
  /** Beside the smallest fleet. */
  readonly eventRatio: number;
}

/** What one process of the product comes to beside this fleet. */
const once = async (fleet: FleetServer, every: number, args: readonly string[]): Promise<z.infer<typeof Once>> => {
  await fleet.reset(every);
  const script = join(import.meta.dirname, 'reconcile-once.ts');
  const { stdout } = await execute(process.execPath, [...SMALL_HEAP, script, ...args], { env: fleet.env });
  return Once.parse(JSON.parse(stdout));
};

const sum = (calls: Record<string, number>, names: RegExp): number =>
  Object.entries(calls).reduce((total, [name, count]) => total + (names.test(name) ? count : 0), 0);

/** Reconcile of fleets of these sizes, whole and by events, by real clients on a fast DynamoDB and EC2 of our own. */
export const growthFigures = async (rounds: number, sizes: readonly number[]): Promise<GrowthFigures[]> => {
  bundle(['schedules/reconcile', 'events/look-again']);
  const fleets = await Promise.all(sizes.map(startFleet));
  const memory = sizes.map(() => 0);
  const whole = fleets.map((fleet, index) => async () => {
    const { ms, maxRssMiB } = await once(fleet, 100, []);
    memory[index] = Math.max(memory[index] ?? 0, maxRssMiB);
    return ms;
  });
  const byEvents = fleets.map((fleet) => async () => {
    const stride = fleet.size / EVENTS;
    return (await once(fleet, stride, [String(EVENTS), String(stride)])).ms / EVENTS;
  });
  try {
    const eventSamples = await interleaved(rounds, byEvents);
    const wholeSamples = await interleaved(rounds, whole);
    const calls = await Promise.all(fleets.map((fleet) => fleet.reset(100)));
    const smallest = median(eventSamples[0] ?? []);
    return sizes.map((vms, index) => ({
      vms,
      wholeMs: rounded(median(wholeSamples[index] ?? [])),
      microsecondsAVm: rounded((median(wholeSamples[index] ?? []) * 1_000) / vms),
      maxRssMiB: rounded(memory[index] ?? 0),
      reads: sum(calls[index] ?? {}, /^(Query|Get|BatchGet|Describe)/),
      writes: sum(calls[index] ?? {}, /^(Put|Transact)/),
      eventMs: rounded(median(eventSamples[index] ?? [])),
      eventRatio: rounded(median(eventSamples[index] ?? []) / smallest),
    }));
  } finally {
    for (const fleet of fleets) fleet.stop();
  }
};
