import { Fault } from '../../domain/faults.ts';
import type { Outcome } from '../../domain/outcome.ts';
import type { Vm } from '../../domain/vm.ts';
import type { VmState } from '../../domain/vm-state.ts';
import { isGone } from '../provider.ts';
import type { Action } from './actions.ts';
import type { RegionClients } from './clients.ts';
import { describe } from './describe.ts';
import { lacksCapacity, toFault } from './errors.ts';
import { afterRefusal } from './remove.ts';
import { startAsAnother } from './start-as-another.ts';
import { type Came, together } from './together.ts';

/** What the wait of an action is told; `later`: it is to be asked again; undefined: an event will tell. */
export type Result = { readonly outcome: Outcome } | { readonly fault: Fault } | { readonly later: Fault } | undefined;

/** What carrying out needs around it. */
export interface Around {
  readonly installation: string;
  readonly clients: RegionClients;
  /** Read for those only that were refused. */
  readonly vmOf: (action: Action) => Promise<Vm>;
  /** Tells those who follow the action what there is to know of it meanwhile. */
  readonly tell: (action: Action, detail: string) => Promise<void>;
  /** Milliseconds since the epoch, after which no further call is begun. */
  readonly until?: number;
}

const DOING = { launch: 'Launching', start: 'Starting', stop: 'Stopping', terminate: 'Removing' } as const;

/** The state in which an action has reached its end; a termination cannot be taken back, and is not waited for. */
const ENDS: Readonly<Record<string, VmState>> = { start: 'running', stop: 'stopped' };

/** EC2 calls a terminated instance one in the wrong state for an hour; for us it is lost. */
export const lostIfGone = async (clients: RegionClients, installation: string, vm: Vm, fault: Fault): Promise<Fault> =>
  fault.name === 'InvalidTransition' && isGone(await describe(clients, installation, vm))
    ? new Fault('VmLost', `${vm.name} was terminated.`, { cause: fault })
    : fault;

/** What comes of it at last: a start whose type is not to be had becomes one of the next type of its list. */
const lastlyOf = async (around: Around, action: Action, came: Came): Promise<Came> => {
  const { instanceId } = action;
  if (!('refused' in came) || action.action !== 'start' || instanceId === undefined) return came;
  if (!lacksCapacity(came.refused)) return came;
  const vm = await around.vmOf(action);
  const started = await startAsAnother(around.clients, { ...action, instanceId }, vm, came.refused);
  if (started.as !== undefined)
    await around.tell(action, `EC2 has no ${vm.instanceType} left: it starts as ${started.as}.`);
  return started.came;
};

const resultOf = async (around: Around, action: Action, first: Came): Promise<Result> => {
  const came = await lastlyOf(around, action, first);
  if ('later' in came) return came;
  const { instanceId: providerId = '' } = action;
  if ('state' in came) {
    const isEnd = action.action === 'terminate' || ENDS[action.action] === came.state;
    return isEnd ? { outcome: { observed: { providerId, state: came.state } } } : undefined;
  }
  const vm = await around.vmOf(action);
  const fault = toFault(came.refused, `${DOING[action.action]} ${vm.name}`);
  if (action.action === 'terminate')
    return { outcome: await afterRefusal(around.clients, { ...vm, providerId }, fault) };
  return { fault: await lostIfGone(around.clients, around.installation, vm, fault) };
};

/** Carries out actions that share their key, in as few calls as there are bad ones among them. */
export const carryOut = async (around: Around, actions: readonly Action[]): Promise<ReadonlyMap<Action, Result>> => {
  const [first] = actions;
  if (first === undefined) return new Map();
  const ids = actions.flatMap(({ instanceId }) => instanceId ?? []);
  const came = await together(around.clients.changing, first, ids, around.until);
  const results = new Map<Action, Result>();
  for (const action of actions) {
    const own = came.get(action.instanceId ?? '') ?? { refused: new Fault('VmLost', 'It names no instance.') };
    results.set(action, await resultOf(around, action, own).catch(faultIn));
  }
  return results;
};

/** What else goes wrong for one of them: it may be tried again where the moment is to blame. */
const faultIn = (error: unknown): Result => {
  const fault = toFault(error, 'Looking at what EC2 refused');
  return fault.name === 'Throttled' || fault.name === 'ProviderUnreachable' ? { later: fault } : { fault };
};
