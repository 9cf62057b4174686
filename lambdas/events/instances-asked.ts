import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { FAULTS, Fault } from '../domain/faults.ts';
import { Action, keyOf, toldToSlowDown } from '../providers/ec2/actions.ts';
import { carryOut, type Result } from '../providers/ec2/carry-out.ts';
import { regionClients } from '../providers/ec2/clients.ts';
import { answer } from '../runtime/answer.ts';
import { atMost } from '../runtime/chunks.ts';
import { env, text } from '../runtime/env.ts';
import { orderAll, timed } from '../runtime/instance-actions.ts';
import { launchInTurn } from '../runtime/launch-in-turn.ts';
import { graceOf, orderLook } from '../runtime/looks.ts';
import { logger } from '../runtime/powertools.ts';
import { tell } from '../runtime/tell.ts';
import { FRESH_MS, type Ordered, stillWanted, type Wanted } from '../runtime/wanted.ts';
import * as vms from '../store/vms.ts';

const { INSTALLATION: installation } = env({ INSTALLATION: text });
const clientsOf = regionClients();

/** After so many calls whose end is not known, the workflow's own Retry takes over, and then a person. */
const UNREACHED = 4;

/** Rows written and waits answered at a time. */
const AT_ONCE = 25;

/** One that EC2 did not take. */
interface Refused extends Wanted {
  readonly why: Fault;
}

/** Tells the wait what came of its action. @returns what is to be asked again */
const close = async (wanted: Wanted, result: Result): Promise<Refused | undefined> => {
  const { action, operation } = wanted;
  if (result === undefined) {
    // The looks at its wait may be over by now, and the event may be lost.
    if (action.refused > 0) await orderLook(operation, 0);
    return undefined;
  }
  if ('later' in result) return { ...wanted, action: { ...action, refused: action.refused + 1 }, why: result.later };
  await answer(operation, result, action.attempt);
  return undefined;
};

/**
 * Whether the workflow's own Retry is to begin the step anew, instead of waiting on: a guest's grace counts from the step's
 * beginning, and most of it must be left once it is asked to stop.
 */
const isTooLate = ({ action, operation, why }: Refused, delaySeconds: number): boolean => {
  if (why.name !== 'Throttled' && action.refused > UNREACHED) return true;
  if (operation.wait?.step !== 'Ask To Stop' || action.force) return false;
  return Date.now() + delaySeconds * 1_000 > Date.parse(operation.wait.since) + graceOf(operation) * 500;
};

/** Puts back what EC2 did not take, and tells each step so. */
const putOff = async (refused: readonly Refused[]): Promise<void> => {
  const again = timed(refused.map(({ action }) => action));
  const isOver = refused.map((each, index) => isTooLate(each, again[index]?.delaySeconds ?? 0));
  const entries = [...refused.entries()];
  await atMost(AT_ONCE, entries, ([index, { action, operation, why }]) =>
    isOver[index] ? answer(operation, { fault: why }, action.attempt) : tell(operation, toldToSlowDown(action.refused)),
  );
  await orderAll(again.filter((_, index) => !isOver[index]));
};

const tellIn =
  (wanted: readonly Wanted[]) =>
  async (action: Action, detail: string): Promise<void> => {
    const found = wanted.find((each) => each.action === action);
    if (found) await tell(found.operation, detail);
  };

/** Asks in one call for all of them, and tells each what came of it. */
const askTogether = async (ordered: readonly Ordered[]): Promise<void> => {
  const until = Date.now() + FRESH_MS;
  const wanted = await stillWanted(ordered);
  const [first] = wanted;
  if (first === undefined) return;
  const clients = clientsOf(first.action.region);
  const results = await carryOut(
    { installation, clients, until, vmOf: ({ vmId }) => vms.get(vmId), tell: tellIn(wanted) },
    wanted.map(({ action }) => action),
  );
  const refused: Refused[] = [];
  await atMost(AT_ONCE, wanted, async (each) => {
    const again = await close(each, results.get(each.action));
    if (again) refused.push(again);
  });
  await putOff(refused);
};

/**
 * Puts a group back whose end is not known, where that may pass. A launch is told so, for it must not be repeated blindly.
 * @returns whether it is back
 */
const putBack = async (group: readonly Ordered[], error: unknown): Promise<boolean> => {
  if (!(error instanceof Fault && FAULTS[error.name].retry)) return false;
  try {
    await orderAll(timed(group.map(({ action }) => ({ ...action, repeated: true }))));
    return true;
  } catch {
    return false;
  }
};

/** Carries out a group. @returns the messages of it that are to be delivered again */
const handle = async (group: readonly Ordered[]): Promise<string[]> => {
  const isLaunch = group.some(({ action }) => action.action === 'launch');
  try {
    await (isLaunch ? launchInTurn(group) : askTogether(group));
    return [];
  } catch (error) {
    logger.error('actions not carried out', { error });
    return (await putBack(group, error)) ? [] : group.map(({ messageId }) => messageId);
  }
};

const orderedOf = ({ messageId, body, attributes }: SQSRecord): Ordered => {
  const action = Action.parse(JSON.parse(body));
  return { messageId, action, repeated: action.repeated === true || Number(attributes.ApproximateReceiveCount) > 1 };
};

/** The messages that can be read, and the ids of those that cannot. */
const read = (records: readonly SQSRecord[]): { ordered: Ordered[]; unread: string[] } => {
  const ordered: Ordered[] = [];
  const unread: string[] = [];
  for (const record of records) {
    try {
      ordered.push(orderedOf(record));
    } catch (error) {
      logger.error('action not read', { error });
      unread.push(record.messageId);
    }
  }
  return { ordered, unread };
};

/**
 * Queue of actions: many are asked of EC2 in one call, since its buckets count calls. Every message may come twice or late: who
 * waits no more is not asked for, and a repeat of a call changes nothing. What fails for good ends in the DLQ.
 */
export const handler = async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
  const { ordered, unread } = read(Records);
  const failed = [...unread];
  for (const group of Map.groupBy(ordered, ({ action }) => keyOf(action)).values())
    failed.push(...(await handle(group)));
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
};
