import type { LabelSet } from '../domain/alerts/labels.ts';
import { METRIC_NAMES, METRICS } from '../domain/metrics/catalog.ts';
import { alertsFamily, type Family, infosOf, prometheusName } from '../domain/metrics/exposition.ts';
import { hostSubject, type Subject, vmSubject } from '../domain/metrics/labels.ts';
import { sourcesAround } from '../domain/metrics/sources.ts';
import { type Sample, STALE } from '../domain/metrics/write-request.ts';
import * as alerts from '../store/alerts.ts';
import * as states from '../store/export-states.ts';
import * as hosts from '../store/hosts.ts';
import * as vms from '../store/vms.ts';
import { type Context, write } from './export-sources.ts';

/** A VM or a host, and the state that it is in. */
interface Present {
  readonly subject: Subject;
  readonly state: string;
}

/** What a run looks at. */
export interface Around {
  readonly all: readonly Present[];
  readonly firing: Family;
  /** Whose samples there may be. */
  readonly sources: readonly string[];
}

/** Reads what there is, of all projects. */
export const lookAround = async (now: number): Promise<Around> => {
  const machines = await hosts.all();
  const every = await Array.fromAsync(vms.all());
  return {
    all: [
      ...every.map((vm) => ({ subject: vmSubject(vm), state: vm.state })),
      ...machines.map((host) => ({ subject: hostSubject(host), state: host.state })),
    ],
    firing: alertsFamily(await Array.fromAsync(alerts.all()), now),
    sources: sourcesAround(every, machines),
  };
};

const ABOUT = METRIC_NAMES.map((metric) => ({ name: prometheusName(metric), help: METRICS[metric].help }));

/** What is so now of which there is no sample. */
interface Now {
  /** Of all there is, by id. */
  readonly states: Readonly<Record<string, string>>;
  readonly alerts: readonly LabelSet[];
}
const NOTHING: Now = { states: {}, alerts: [] };

const samplesAt = (at: number, families: readonly Family[], value?: typeof STALE): Sample[] =>
  families.flatMap(({ name, samples }) =>
    samples.map((sample) => ({ name, at, labels: sample.labels, value: value ?? sample.value })),
  );

/** Alerts that were told of, and are not so any more. */
const pastAlerts = (before: Now['alerts'], firing: Family): Family => {
  const still = new Set(firing.samples.map(({ labels }) => JSON.stringify(labels)));
  const past = before.filter((labels) => !still.has(JSON.stringify(labels)));
  return { ...firing, samples: past.map((labels) => ({ labels, value: 0 })) };
};

/** Tells which VMs, hosts and alerts there are, and ends the series of what is not so any more. @throws NotTold */
export const tellNow = async (context: Context, { all, firing }: Around, now: number): Promise<void> => {
  const kept = await states.get('now', NOTHING, now);
  const present = all.filter(({ state }) => state !== 'deleted' && state !== 'retired');
  const next: Now = {
    states: Object.fromEntries(present.map(({ subject, state }) => [subject.id, state])),
    alerts: firing.samples.map(({ labels }) => labels),
  };
  const past = all.flatMap(({ subject }) => {
    const state = kept.state.states[subject.id];
    return state === undefined || state === next.states[subject.id] ? [] : [{ subject, state }];
  });
  const over = samplesAt(now, [...infosOf(past), pastAlerts(kept.state.alerts, firing)], STALE);
  await write(context, [...over, ...samplesAt(now, [...infosOf(present), firing])], ABOUT);
  if (JSON.stringify(next) !== JSON.stringify(kept.state)) await states.swap(kept, next, now);
};
