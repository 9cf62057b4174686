import type { Host } from '../domain/host.ts';
import { hostSubject, vmSubject } from '../domain/metrics/labels.ts';
import type { CompiledRules } from '../domain/rules/compile.ts';
import { type Expected, evaluateAbsence, NO_STATE, type RulesState } from '../domain/rules/evaluate.ts';
import { isAnotherLife } from '../domain/rules/worth-keeping.ts';
import type { Order } from '../runtime/rule-wakes.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as states from '../store/rule-states.ts';
import * as vms from '../store/vms.ts';
import { tellRules } from './tell-rules.ts';

/** Hosts that should measure: those that have been enrolled, and are not retired. */
export const measures = ({ state }: Host): boolean => state !== 'retired' && state !== 'enrolling';

/** A subject of which samples should come since then. */
interface Awaited {
  readonly subject: Expected['subject'];
  readonly since: string;
}

/** What of a host samples should come of: itself, and its VMs that run. */
export const awaitedOf = async (host: Host): Promise<readonly Awaited[]> => {
  const found: Awaited[] = [{ subject: hostSubject(host), since: host.createdAt }];
  // Of the VMs of a host that is silent nobody knows anything: that is the host's alert.
  if (host.state === 'unreachable') return found;
  for await (const vm of vms.onHost(host.id)) {
    if (vm.state === 'running') found.push({ subject: vmSubject(vm), since: vm.changedAt });
  }
  return found;
};

/**
 * Lets time go by for one host's rules.
 * @param order who looks because of a message orders none
 * @returns what they know then
 */
export const watchHost = (
  {
    host,
    awaited,
    rules,
  }: { readonly host: Host; readonly awaited: readonly Awaited[]; readonly rules: CompiledRules },
  order: Order,
  now: number,
): Promise<RulesState> =>
  untilWritten(async () => {
    const before = await states.get(host.id, NO_STATE, now);
    // A host whose rules nobody has looked at yet may have a unit that learns only now to measure.
    const expected = awaited.map(({ subject, since }) => ({
      subject,
      since: Math.max(Date.parse(since), before.since),
    }));
    const { state, alerts, due } = evaluateAbsence(rules, expected, before.state, { now });
    await tellRules(alerts, now);
    const after = { state, due: await order(due, before.due, now) };
    // Windows are what samples have made of them: only these say when they were written last.
    if (isAnotherLife(before, after)) await states.swap(before, state, now, { due: after.due, at: before.at });
    return state;
  });
