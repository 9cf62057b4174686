import { watchReadings } from '../alerting/watch-readings.ts';
import type { Reading } from '../domain/metrics/batch.ts';
import type { Values } from '../domain/metrics/catalog.ts';
import { vmSubject } from '../domain/metrics/labels.ts';
import { beginOf, HOUR_MS, hourOf } from '../domain/metrics/retention.ts';
import { sourceOf } from '../domain/metrics/sources.ts';
import type { Vm } from '../domain/vm.ts';
import {
  type Answer,
  answersTo,
  cloudWatchClients,
  MOST_QUESTIONS,
  type Question,
} from '../providers/ec2/cloudwatch.ts';
import { hourlyOf, type Measure, OFTEN, PERIOD_SECONDS } from '../providers/ec2/measures.ts';
import { publish } from '../runtime/bus.ts';
import { atMost, chunked, filled } from '../runtime/chunks.ts';
import { logger } from '../runtime/powertools.ts';
import { REGIONS } from '../runtime/regions.ts';
import { keepReadings } from '../runtime/take-samples.ts';
import { rulesDueEvent } from '../runtime/wake-rules.ts';
import * as vms from '../store/vms.ts';

const PERIOD_MS = PERIOD_SECONDS * 1000;

/** CloudWatch is minutes late, and a run may fail; what is paid for is the metric, however many points of it are answered. */
const LOOK_BACK_MS = 3 * PERIOD_MS;
/** By then all of an hour is there. It is asked for with the one before, should that have failed. */
const HOURLY_AFTER_MS = 3 * PERIOD_MS;
const HOURS_BACK = 2;

/** Calls to CloudWatch, or writes, at once. */
const AT_ONCE = 4;
/** How many VMs' answers are held at a time. */
const VMS_TOGETHER = 1_000;

/** A run comes some seconds or minutes after the time that it is for. */
const timeOf = (now: number): number => Math.floor(now / PERIOD_MS) * PERIOD_MS;

/** What of each VM is asked for at once, over which time. */
interface Ask {
  readonly from: number;
  readonly to: number;
  readonly measuresOf: (vm: Vm) => readonly Measure[];
}

const asksAt = (time: number): readonly Ask[] => {
  const often = { from: time - LOOK_BACK_MS, to: time, measuresOf: () => OFTEN };
  const hour = beginOf(hourOf(time));
  if (time !== hour + HOURLY_AFTER_MS) return [often];
  const from = hour - HOURS_BACK * HOUR_MS;
  return [
    { ...often, from },
    { from, to: hour, measuresOf: ({ instanceType }) => hourlyOf(instanceType) },
  ];
};

/** A VM with an instance in a Region that is asked, and the source under which its samples lie. */
interface Measured {
  readonly vm: Vm;
  readonly instanceId: string;
  readonly region: string;
  readonly source: string;
}

const measured = async (): Promise<Measured[]> => {
  const found: Measured[] = [];
  for await (const vm of vms.all()) {
    const { providerId: instanceId, location, managed, provider } = vm;
    const [region, source] = [location.region ?? '', sourceOf(vm)];
    if (provider !== 'ec2' || !managed || !REGIONS.includes(region)) continue;
    if (instanceId !== undefined && source !== undefined) found.push({ vm, instanceId, region, source });
  }
  return found;
};

/** What runs, or did so in this time: what it did last is told after it has stopped. */
const isAsked = ({ state, changedAt }: Vm, { from }: Ask): boolean =>
  state === 'running' || Date.parse(changedAt) >= from;

/** Some sources of one Region, each with its VMs. */
interface Group {
  readonly region: string;
  readonly sources: readonly (readonly [source: string, own: readonly Measured[]])[];
}

const groupsOf = (all: readonly Measured[]): Group[] =>
  [...Map.groupBy(all, ({ region }) => region)].flatMap(([region, own]) => {
    const sources = [...Map.groupBy(own, ({ source }) => source)];
    return filled(sources, sources.length, VMS_TOGETHER, ([, { length }]) => length).map((some) => ({
      region,
      sources: some,
    }));
  });

const questionsOf = (all: readonly Measured[], ask: Ask): Question[] =>
  all
    .filter(({ vm }) => isAsked(vm, ask))
    .flatMap(({ vm, instanceId }) => ask.measuresOf(vm).map((measure) => ({ instanceId, measure })));

const clients = cloudWatchClients();

/** What of these is answered. Why the rest is not is added to the failures. */
const answered = async ({ region, sources }: Group, ask: Ask, failures: unknown[]): Promise<Answer[]> => {
  const questions = questionsOf(
    sources.flatMap(([, own]) => own),
    ask,
  );
  const answers: Answer[][] = [];
  await atMost(AT_ONCE, chunked(questions, MOST_QUESTIONS), async (batch) => {
    try {
      answers.push(await answersTo(clients(region), batch, ask));
    } catch (error) {
      logger.error('metrics of EC2 were not read', { region, metrics: batch.length, error });
      failures.push(error);
    }
  });
  return answers.flat();
};

const readingOf = (vm: Vm, answers: readonly Answer[]): Reading => {
  const allocated: Values = { 'vm.memory.allocated': vm.memoryMiB * 2 ** 20 };
  const byTime = new Map<number, Values>();
  for (const { at, measure, value } of answers) {
    byTime.set(at, { ...(byTime.get(at) ?? allocated), [measure.metric]: value });
  }
  const samples = [...byTime].map(([at, values]) => ({ at, values })).sort((a, b) => a.at - b.at);
  return { subject: vmSubject(vm), samples };
};

/** Writes down what is known, and looks at the rules. @returns of how many VMs: one of which nothing is known has no reading */
const keep = async ({ sources }: Group, answers: readonly Answer[], now: number): Promise<number> => {
  const byInstance = Map.groupBy(answers, ({ instanceId }) => instanceId);
  let known = 0;
  await atMost(AT_ONCE, sources, async ([source, own]) => {
    const readings = own.flatMap(({ vm, instanceId }) => {
      const answersOfIt = byInstance.get(instanceId);
      return answersOfIt ? [readingOf(vm, answersOfIt)] : [];
    });
    await keepReadings(source, readings, now, timeOf(now));
    await watchReadings(source, readings, now);
    known += readings.length;
  });
  return known;
};

/**
 * Asks CloudWatch of all managed VMs on EC2 that run, of every project: CPU and status each time, the rest of an hour once it is over.
 * What was asked before is asked again with it, so that what was late, or was refused, is there with the next run. Rules are looked at
 * by what could be read.
 * @throws Fault of the first metrics that could not be read, once the others are kept
 */
export const collectEc2Metrics = async (now: number): Promise<{ vms: number; points: number }> => {
  const failures: unknown[] = [];
  const done = { vms: 0, points: 0 };
  for (const group of groupsOf(await measured())) {
    let answers: Answer[] = [];
    for (const ask of asksAt(timeOf(now))) answers = answers.concat(await answered(group, ask, failures));
    done.vms += await keep(group, answers, now);
    done.points += answers.length;
  }
  // Where there are hosts each minute does, too.
  if (done.vms > 0) await publish(rulesDueEvent(now));
  if (failures.length > 0) throw failures[0];
  return done;
};

/** Each five minutes. */
export const handler = async (): Promise<void> => {
  logger.info('EC2 was measured', await collectEc2Metrics(Date.now()));
};
