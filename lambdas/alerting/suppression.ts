import { type Alert, isResolvedAt } from '../domain/alerts/alert.ts';
import type { AlertRow } from '../domain/alerts/alert-row.ts';
import type { Suppression } from '../domain/alerts/api-v2.ts';
import { silenceIdOf } from '../domain/alerts/derived-silence.ts';
import { HOST_UNREACHABLE } from '../domain/alerts/host-conditions.ts';
import { inhibition } from '../domain/alerts/inhibit.ts';
import { matchesAll } from '../domain/alerts/matchers.ts';
import { isQuietByPlan } from '../domain/alerts/quiet-by-plan.ts';
import { silencesOf } from '../domain/alerts/silence.ts';
import { isAboutSilence } from '../domain/alerts/silence-words.ts';
import { DEFAULT_PROJECT } from '../domain/ids.ts';
import type { MaintenanceWindow } from '../domain/maintenance-window.ts';
import type { Schedule } from '../domain/schedule.ts';
import type { Vm } from '../domain/vm.ts';
import * as alerts from '../store/alerts.ts';
import { silencedByWindows } from './derived-silences.ts';
import { holdersAmong } from './holders.ts';
import { silencesAt } from './occurring.ts';
import type { Routing } from './routing.ts';
import { isAboutVm, vmsMeant } from './vms-meant.ts';

/** What of an alert says whether it is quiet. */
type Asked = Pick<Alert, 'labels'> & Pick<AlertRow, 'own'>;

/** Hosts that are silent, by their ids, each with the fingerprint of the alert that says so, whether people hear of it or not. The hosts are the installation's. */
const silentHosts = async (now: number): Promise<ReadonlyMap<string, string>> => {
  const sources = await alerts.inhibitingIn(DEFAULT_PROJECT);
  return new Map(
    sources.flatMap(({ own, labels, fingerprint, endsAt }) =>
      own && labels.alertname === HOST_UNREACHABLE && !isResolvedAt({ endsAt }, now)
        ? [[own.subject, fingerprint]]
        : [],
    ),
  );
};

type Window = Pick<MaintenanceWindow, 'id' | 'name'>;

/** What is known of the VMs that alerts are about. */
interface Scene {
  readonly vmOf: (alert: Asked) => Vm | undefined;
  readonly silent: ReadonlyMap<string, string>;
  /** By the VM's id. */
  readonly schedules: ReadonlyMap<string, Schedule>;
  /** That are open and silence, by the VM's id. */
  readonly windows: ReadonlyMap<string, readonly Window[]>;
}

const NOWHERE: Scene = { vmOf: () => undefined, silent: new Map(), schedules: new Map(), windows: new Map() };

const sceneOf = async (project: string, rows: readonly Asked[], now: number): Promise<Scene> => {
  const about = rows.filter(isAboutVm);
  if (about.length === 0) return NOWHERE;
  const [vmOf, silent] = await Promise.all([vmsMeant(project, about), silentHosts(now)]);
  const meant = [...new Map(about.flatMap((row) => vmOf(row) ?? []).map((vm) => [vm.id, vm])).values()];
  const [holders, windows] = await Promise.all([holdersAmong(project, meant), silencedByWindows(project, meant, now)]);
  return { vmOf, silent, schedules: new Map(holders.map(({ vm, schedule }) => [vm.id, schedule])), windows };
};

/** The alert of the silent host that the VM of this one is on. */
const silentHostOf = ({ vmOf, silent }: Scene, row: Asked): string[] => {
  const { hostId } = vmOf(row)?.location ?? {};
  return hostId === undefined ? [] : [silent.get(hostId) ?? []].flat();
};

/** The schedule by which the VM of this alert is off. The plane's own know of the plan themselves: one that fires does so in spite of it. */
const offBy = ({ vmOf, schedules }: Scene, row: Asked, now: number): Schedule | undefined => {
  const vm = row.own ? undefined : vmOf(row);
  const schedule = vm && schedules.get(vm.id);
  return schedule && isQuietByPlan(vm, schedule, now) ? schedule : undefined;
};

/** What else than people's silences silences an alert: who disturbs its VM by plan, by id and by a word for people. */
const plansOver = (scene: Scene, row: Asked, now: number): (readonly [id: string, word: string])[] => {
  const schedule = offBy(scene, row, now);
  const windows = scene.windows.get(scene.vmOf(row)?.id ?? '') ?? [];
  return [
    ...(schedule ? [[silenceIdOf(schedule.id), `schedule ${schedule.name}`] as const] : []),
    ...windows.map(({ id, name }) => [silenceIdOf(id), `window ${name}`] as const),
  ];
};

const inOrder = (all: readonly string[]): string[] => [...new Set(all)].sort();

/**
 * Reads what keeps any of these alerts from being told at a moment: silences and rules of inhibition, as Alertmanager has them;
 * that the host of the VM that one is about is silent; that this VM is off by plan, or a window is open that silences it.
 * @returns what keeps one of them
 */
export const suppressionsAt = async <T extends Asked>(
  { project, config }: Routing,
  rows: readonly T[],
  now: number,
): Promise<(row: T) => Suppression> => {
  const rules = config.inhibitRules;
  const mayBeInhibited = rows.some(({ labels }) => rules.some((rule) => matchesAll(rule.target_matchers, labels)));
  const [quiet, sources, scene] = await Promise.all([
    rows.length === 0 ? [] : silencesAt(project, now),
    mayBeInhibited ? alerts.inhibitingIn(project) : [],
    sceneOf(project, rows, now),
  ]);
  // What nobody hears of keeps nothing else from being heard.
  const firing = sources.filter((source) => source.pending === undefined && !isResolvedAt(source, now));
  const inhibitorsOf = inhibition(rules, firing);
  const holding = quiet.map(({ occurrence }) => occurrence);
  return (row) => {
    const plans = plansOver(scene, row, now);
    const silences = silencesOf(holding, row.labels, now).filter((id) => !isAboutSilence(row.labels, id));
    return {
      silencedBy: inOrder([...silences, ...plans.map(([id]) => id)]),
      inhibitedBy: inOrder([...inhibitorsOf(row.labels), ...silentHostOf(scene, row)]),
      mutedBy: plans.map(([, word]) => word),
    };
  };
};
