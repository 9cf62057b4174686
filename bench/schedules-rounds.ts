import { bundle } from '../lib/bundles.ts';
import { AwsFront } from './aws-front.ts';
import { FUNCTION_MB } from './processes.ts';
import { median, rounded } from './samples.ts';
import type { Figures, ScheduleFigures } from './schedules.ts';
import { Ec2Fleet, startMoto } from './schedules-fleet.ts';
import { FUNCTIONS, runOurs } from './schedules-ours.ts';
import { CUSTODIAN, custodian, INSTANCE_SCHEDULER, instanceScheduler, type Peer } from './schedules-peers.ts';
import { type Instance, measured, type Process, type Run, type Stage } from './schedules-stage.ts';

/** Of the instances, one in ten has the tag `early`, the others `office`. */
const EARLY = 10;

const runs = (size: number): readonly Run[] => {
  const run = { isDue: true, filter: 'provider=ec2', batches: [] };
  return [
    { ...run, name: 'first sight', changes: 0, want: 'up', moment: '2026-11-25T10:00:00+00:00' },
    { ...run, name: 'nothing changes', changes: 0, want: 'up', isDue: false, moment: '2026-11-25T10:05:00+00:00' },
    {
      ...run,
      name: 'one in ten changes',
      changes: size / EARLY,
      want: 'down',
      filter: 'tag:batch=early',
      moment: '2026-11-25T17:05:00+00:00',
      batches: ['early'],
    },
    {
      ...run,
      name: 'all change',
      changes: size,
      want: 'down',
      before: '2026-11-26T10:00:00+00:00',
      moment: '2026-11-26T18:05:00+00:00',
      batches: ['office', 'early'],
    },
  ];
};

/** What one run of a contestant came to. */
interface Measured {
  readonly calls: Record<string, number>;
  /** Of these, how many were made to decide, and to ask EC2. */
  readonly ownCalls: number;
  readonly cpuSeconds: number;
  /** Of its largest process. */
  readonly maxRssMiB: number;
}

const total = (processes: readonly Process[]) => ({
  ownCalls: processes.reduce((sum, { calls, schedules }) => sum + (schedules ? calls : 0), 0),
  cpuSeconds: processes.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
  maxRssMiB: Math.max(...processes.map(({ maxRssMiB }) => maxRssMiB)),
});

const sum = (calls: Record<string, number>, service: string): number =>
  Object.entries(calls).reduce((all, [name, count]) => all + (name.startsWith(service) ? count : 0), 0);

const figuresOf = (rounds: readonly Measured[]): ScheduleFigures => {
  // Counts are the same in every round; the largest is told where they are not.
  const most = rounds.toSorted((a, b) => sum(b.calls, '') - sum(a.calls, ''))[0]?.calls ?? {};
  return {
    ec2Calls: sum(most, 'ec2:'),
    ownCalls: Math.max(...rounds.map(({ ownCalls }) => ownCalls)),
    allCalls: sum(most, ''),
    byService: Object.entries(most)
      .map(([name, count]) => `${name} ${count}`)
      .join(', '),
    cpuSeconds: rounded(median(rounds.map(({ cpuSeconds }) => cpuSeconds))),
    maxRssMiB: rounded(Math.max(...rounds.map(({ maxRssMiB }) => maxRssMiB))),
  };
};

type Contestant = (stage: Stage, run: Run, fleet: readonly Instance[]) => Promise<Process[]>;

/** A peer is one process that does all. */
const alone =
  (peer: Extract<Peer, (...given: never) => unknown>): Contestant =>
  async (stage, run) => {
    const used = await peer(stage, run);
    return [{ ...used, calls: stage.front.count, schedules: true }];
  };

/** All that take part in a round, and why others cannot. */
const contestants = async (
  registry: string,
  memoryMB: number,
): Promise<Record<string, Contestant | { readonly skipped: string }>> => {
  const peers = {
    [`instance-scheduler ${INSTANCE_SCHEDULER}`]: await instanceScheduler(registry),
    [`Custodian ${CUSTODIAN}`]: await custodian(),
  };
  const asContestants = Object.entries(peers).map(([name, peer]) => [
    name,
    typeof peer === 'function' ? alone(peer) : peer,
  ]);
  return { ours: (...given) => runOurs(...given, memoryMB), ...Object.fromEntries(asContestants) };
};

/** A scheduler's runs over so many instances on one emulated EC2, ours beside its peers, in turn. */
const scheduleFigures = async (rounds: number, size: number, memoryMB: number): Promise<Figures> => {
  bundle(FUNCTIONS);
  const { url: target, child } = await startMoto();
  const front = new AwsFront(target);
  const stage: Stage = { front, url: await front.listen(), run: measured };
  const fleet = new Ec2Fleet(target);
  const samples = new Map<string, Measured[]>();
  const skipped = new Map<string, string>();
  try {
    await fleet.launch(size / EARLY, 'early');
    await fleet.launch(size - size / EARLY, 'office');
    for (let round = 0; round < rounds; round += 1) {
      await fleet.makeTable(`registry-${round}`);
      const all = await contestants(`registry-${round}`, memoryMB);
      for (const run of runs(size)) {
        for (const [name, contestant] of Object.entries(all)) {
          if ('skipped' in contestant) {
            skipped.set(name, contestant.skipped);
            continue;
          }
          await fleet.startAll();
          front.own = false;
          front.counted();
          const used = await contestant(stage, run, await fleet.instances());
          const key = JSON.stringify([run.name, name]);
          samples.set(key, [...(samples.get(key) ?? []), { ...total(used), calls: front.counted() }]);
          const down = (await fleet.instances()).filter(({ state }) => state === 'stopped').length;
          if (down !== run.changes) throw new Error(`${name}, ${run.name}: ${down} are down, not ${run.changes}`);
        }
      }
    }
  } finally {
    front.close();
    child.kill();
  }
  const names = [...new Set([...samples.keys()].map((key) => JSON.parse(key)[1])), ...skipped.keys()];
  return Object.fromEntries(
    runs(size).map((run) => [
      run.name,
      Object.fromEntries(
        names.map((name) => {
          const taken = samples.get(JSON.stringify([run.name, name]));
          return [name, taken ? figuresOf(taken) : { skipped: skipped.get(name) ?? 'not run' }];
        }),
      ),
    ]),
  );
};

const [rounds = 1, size = 1_000, memoryMB = FUNCTION_MB] = process.argv.slice(2).map(Number);
console.log(JSON.stringify(await scheduleFigures(rounds, size, memoryMB)));
