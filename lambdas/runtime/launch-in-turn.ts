import { Fault } from '../domain/faults.ts';
import { projectOf } from '../domain/project.ts';
import { learn } from '../domain/settlement.ts';
import type { Observed, Vm } from '../domain/vm.ts';
import { type Answer, type Ask, notAfterOf } from '../providers/provider.ts';
import { isBegunBefore } from '../store/launches.ts';
import * as vms from '../store/vms.ts';
import { answer } from './answer.ts';
import { saidOf } from './heard.ts';
import { orderAll, timed } from './instance-actions.ts';
import { orderLook } from './looks.ts';
import { providerOf } from './providers.ts';
import { tell } from './tell.ts';
import { untilWritten } from './until-written.ts';
import { FRESH_MS, type Ordered, stillWanted, type Wanted } from './wanted.ts';

/** A launch is a call of its own, so of many that wait only those are looked at that may have their turn at once. */
const A_BATCH = 10;

const askOf = async ({ action, operation, repeated }: Wanted): Promise<Ask> => ({
  operationId: action.operationId,
  attempt: action.attempt,
  notAfter: notAfterOf(Date.now()),
  refused: action.refused,
  repeated: (await isBegunBefore({ ...action, project: projectOf(operation) })) || repeated,
});

/** Keeps the id by which the instance's event finds its VM; the event itself may write the row at this moment. */
const keep = (vmId: string, observed: Partial<Observed>): Promise<Vm> =>
  untilWritten(async () => {
    const vm = await vms.get(vmId);
    return vms.swap(vm, learn(vm, observed));
  });

/** Tells the step that waits what its launch came to. @returns whether EC2 refused it, so that it is in the queue again */
const tellLaunch = async ({ action, operation }: Wanted, launched: Answer): Promise<boolean> => {
  const said = saidOf(launched);
  if (said) await answer(operation, said, action.attempt);
  if (launched.status === 'done') return false;
  if (launched.observed === undefined) {
    await tell(operation, launched.detail ?? '');
    return true;
  }
  await keep(action.vmId, launched.observed);
  // The looks at its wait may be over by now, and the event may be lost.
  await orderLook(operation, 0);
  return false;
};

const launch = async (wanted: Wanted): Promise<boolean> => {
  const { action, operation } = wanted;
  try {
    const vm = await vms.get(action.vmId);
    return await tellLaunch(wanted, await providerOf(vm.provider).create(vm, {}, await askOf(wanted)));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    await answer(operation, { fault: error }, action.attempt);
    return false;
  }
};

/** Launches one after the other until EC2 refuses one. @returns those behind it, that did not have their turn */
const untilRefused = async (wanted: readonly Wanted[], until: number): Promise<readonly Wanted[]> => {
  for (const [index, each] of wanted.entries()) {
    if (Date.now() >= until) return wanted.slice(index);
    if (await launch(each)) return wanted.slice(index + 1);
  }
  return [];
};

/** Launches what EC2 has refused before, as many as it takes now; the others are put back without a call. */
export const launchInTurn = async (ordered: readonly Ordered[]): Promise<void> => {
  const until = Date.now() + FRESH_MS;
  const left = await untilRefused(await stillWanted(ordered.slice(0, A_BATCH)), until);
  const rest = [...left, ...ordered.slice(A_BATCH)].map(({ action }) => action);
  await orderAll(timed(rest));
};
