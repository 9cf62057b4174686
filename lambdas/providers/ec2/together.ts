import {
  type EC2Client,
  type InstanceStateChange,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { Fault } from '../../domain/faults.ts';
import type { VmState } from '../../domain/vm-state.ts';
import { chunked } from '../../runtime/chunks.ts';
import type { Action } from './actions.ts';
import { isDefinite, isThrottle, toFault } from './errors.ts';
import { stateOfEc2 } from './to-observed.ts';

/** What came of asking for one instance: how it is now, EC2's error about just this one, or why it is to be asked later. */
export type Came = { readonly state: VmState } | { readonly refused: unknown } | { readonly later: Fault };

/** The most that EC2 recommends for one call. */
const MOST_IDS = 1_000;

/** So many calls find five bad ids among a thousand; where there are more, the rest waits, so that the bucket is not emptied. */
const MOST_CALLS = 64;

type Call = (ids: string[]) => Promise<readonly InstanceStateChange[] | undefined>;

/** The call that does this action for many instances. */
const callOf = (ec2: EC2Client, { action, force, skipOsShutdown, hibernate }: Action): Call => {
  const how = {
    ...(force ? { Force: true } : {}),
    ...(skipOsShutdown ? { SkipOsShutdown: true } : {}),
    ...(hibernate ? { Hibernate: true } : {}),
  };
  const calls: Record<string, Call> = {
    start: async (InstanceIds) => (await ec2.send(new StartInstancesCommand({ InstanceIds }))).StartingInstances,
    stop: async (InstanceIds) => (await ec2.send(new StopInstancesCommand({ InstanceIds, ...how }))).StoppingInstances,
    terminate: async (InstanceIds) =>
      (await ec2.send(new TerminateInstancesCommand({ InstanceIds }))).TerminatingInstances,
  };
  const call = calls[action];
  if (call === undefined) throw new Error(`no call does ${action} for many`);
  return call;
};

/** The ids of a group that an error names; of no use where it names none or all. */
const blamed = (group: readonly string[], error: unknown): string[] => {
  const named = new Set((error instanceof Error ? error.message : '').match(/\bi-[0-9a-f]+\b/g));
  return group.filter((id) => named.has(id));
};

/** Whether a refusal is about the moment and not about what was asked. */
const isPassing = (error: unknown): boolean => !isDefinite(error) || isThrottle(error);

/**
 * Asks one call for all of them. EC2 refuses the whole call for one bad id, so: those that the error names are set aside, else the
 * group is halved, until each bad one stands alone. Every call may be repeated. What is not asked `until` (ms) is for later.
 */
export const together = async (
  ec2: EC2Client,
  action: Action,
  instanceIds: readonly string[],
  until = Number.POSITIVE_INFINITY,
): Promise<ReadonlyMap<string, Came>> => {
  const call = callOf(ec2, action);
  const came = new Map<string, Came>();
  const groups = chunked([...new Set(instanceIds)], MOST_IDS);
  const settle = (ids: readonly string[], result: Came) => ids.map((id) => came.set(id, result));
  for (let calls = 0; calls === 0 || (calls < MOST_CALLS && Date.now() < until); calls += 1) {
    const group = groups.pop();
    if (group === undefined) return came;
    try {
      const states = new Map(
        (await call(group))?.map(({ InstanceId, CurrentState }) => [InstanceId, CurrentState?.Name]),
      );
      for (const id of group) settle([id], { state: stateOfEc2(states.get(id)) });
    } catch (error) {
      if (isPassing(error)) settle(group, { later: toFault(error, `Asking EC2 to ${action.action}`) });
      else groups.push(...settledOrHalved(group, error, (ids) => settle(ids, { refused: error })));
    }
  }
  settle(groups.flat(), { later: new Fault('Throttled', 'Too many of one batch were refused; the rest waits.') });
  return came;
};

/** Sets aside who is to blame. @returns the groups that are to be asked without them */
const settledOrHalved = (group: string[], error: unknown, setAside: (ids: readonly string[]) => void): string[][] => {
  const bad = group.length === 1 ? group : blamed(group, error);
  if (bad.length === 0) return chunked(group, Math.ceil(group.length / 2));
  setAside(bad);
  const rest = group.filter((id) => !bad.includes(id));
  return rest.length > 0 ? [rest] : [];
};
