import type { Host } from '../domain/host.ts';
import { hostSubject, vmSubject } from '../domain/metrics/labels.ts';
import { sourcesIn } from '../domain/metrics/sources.ts';
import type { CompiledRules } from '../domain/rules/compile.ts';
import { type CompositeState, evaluateComposites, type Firing, firingIn } from '../domain/rules/composite.ts';
import { type Expected, evaluateAbsence, NO_STATE, type RulesState } from '../domain/rules/evaluate.ts';
import { isWorthKeeping } from '../domain/rules/worth-keeping.ts';
import { atMost } from '../runtime/chunks.ts';
import { REGIONS } from '../runtime/regions.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as hosts from '../store/hosts.ts';
import * as projects from '../store/projects.ts';
import * as states from '../store/rule-states.ts';
import * as vms from '../store/vms.ts';
import { rulesOf } from './rules-of.ts';
import { tellRules } from './tell-rules.ts';

/** Hosts that are looked at at once. */
const AT_ONCE = 8;

/** Hosts that should measure: those that have been enrolled, and are not retired. */
const measures = ({ state }: Host): boolean => state !== 'retired' && state !== 'enrolling';

/** A subject of which samples should come since then. */
interface Awaited {
  readonly subject: Expected['subject'];
  readonly since: string;
}

/** What of a host samples should come of: itself, and its VMs that run. */
const awaitedOf = async (host: Host): Promise<Awaited[]> => {
  const found: Awaited[] = [{ subject: hostSubject(host), since: host.createdAt }];
  // Of the VMs of a host that is silent nobody knows anything: that is the host's alert.
  if (host.state === 'unreachable') return found;
  for await (const vm of vms.onHost(host.id)) {
    if (vm.state === 'running') found.push({ subject: vmSubject(vm), since: vm.changedAt });
  }
  return found;
};

/** Lets time go by for one host's rules. @returns what they know then */
const watchHost = async (host: Host, everyRule: CompiledRules, now: number): Promise<RulesState> => {
  const awaited = await awaitedOf(host);
  return untilWritten(async () => {
    const before = await states.get(host.id, NO_STATE, now);
    // A host whose rules nobody has looked at yet may have a unit that learns only now to measure.
    const expected = awaited.map(({ subject, since }) => ({
      subject,
      since: Math.max(Date.parse(since), before.since),
    }));
    const { state, alerts } = evaluateAbsence(everyRule, expected, before.state, { now });
    await tellRules(alerts, now);
    if (isWorthKeeping(before, state, now)) await states.swap(before, state, now);
    return state;
  });
};

/** What rules know of the instances of all Regions. */
const knownOfEc2 = async (now: number): Promise<RulesState[]> => {
  const found: RulesState[] = [];
  await atMost(AT_ONCE, sourcesIn(REGIONS), async (source) =>
    found.push((await states.get(source, NO_STATE, now)).state),
  );
  return found;
};

/** Looks at the rules that are made of others, by what of these fires. */
const watchComposites = (project: string, everyRule: CompiledRules, firing: readonly Firing[], now: number) =>
  untilWritten(async () => {
    const nothing: CompositeState = {};
    const before = await states.get(`composites#${project}`, nothing, now);
    const { state, alerts } = evaluateComposites(everyRule, project, firing, before.state, now);
    await tellRules(alerts, now);
    const isIdle = Object.keys(state).length === 0 && Object.keys(before.state).length === 0;
    if (!isIdle) await states.swap(before, state, now);
  });

/** What is due as time goes by: samples that do not come, what has been so for long enough, what is to be sent again, composites. */
export const watchRules = async (now: number): Promise<void> => {
  const all = await Array.fromAsync(projects.everyId());
  const rules = await rulesOf(all);
  const known: RulesState[] = [];
  const measuring = (await hosts.all()).filter(measures);
  await atMost(AT_ONCE, measuring, async (host) => known.push(await watchHost(host, rules, now)));
  const joined = new Set(all.filter((project) => rules.composites.get(project)?.length));
  if (joined.size > 0) known.push(...(await knownOfEc2(now)));
  // One that has none by now may have had some: what they said is over.
  await atMost(AT_ONCE, all, (project) => {
    const firing = joined.has(project) ? known.flatMap((state) => firingIn(rules, state, project)) : [];
    return watchComposites(project, rules, firing, now);
  });
};

/** "Rules Due" of bus `novacron`, each minute while there are hosts. */
export const handler = (): Promise<void> => watchRules(Date.now());
