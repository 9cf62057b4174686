import * as z from 'zod';
import { Fault } from '../domain/faults.ts';
import type { Vm } from '../domain/vm.ts';
import { GroupDue, groupDueEvent } from '../runtime/alert-wakes.ts';
import { answer } from '../runtime/answer.ts';
import { publish } from '../runtime/bus.ts';
import { atMost } from '../runtime/chunks.ts';
import { isWaiting, type Waiting } from '../runtime/holder.ts';
import { Changed, hearOf, type Subject, subjectOf } from '../runtime/instance-changed.ts';
import { lookAt } from '../runtime/look.ts';
import { graceOf, Look, orderLook } from '../runtime/looks.ts';
import { messagesTogether } from '../runtime/records.ts';
import { RulesLook, rulesLookEvent } from '../runtime/rule-wakes.ts';
import { type Describe, lookedTogether } from '../runtime/sights.ts';
import { TurnDue } from '../runtime/turns.ts';
import * as operations from '../store/operations.ts';
import * as vms from '../store/vms.ts';

/** What bids us look: a wait whose time for it has come, an event that tells of an instance, or what waited for its second to be told of. */
const Bidding = z.union([Look, Changed, TurnDue, GroupDue, RulesLook]);

/** Rows read at a time. */
const AT_ONCE = 25;

/** A wait, and the row of its VM. */
interface Waited {
  readonly operation: Waiting;
  readonly vm: Vm | undefined;
}

/** Those that wait still for what they are to be looked at for, by the ids of their operations. */
const waitedOf = async (looks: readonly Look[]): Promise<ReadonlyMap<string, Waited>> => {
  const waiting = (await operations.findAll(looks.map(({ operationId }) => operationId))).filter(isWaiting);
  const rows = await vms.findAll(waiting.flatMap(({ vmId }) => vmId ?? []));
  const byId = new Map(rows.map((vm) => [vm.id, vm]));
  return new Map(waiting.map((operation) => [operation.id, { operation, vm: byId.get(operation.vmId ?? '') }]));
};

/** The instances that events tell of, each once, however many tell of it. */
const subjectsOf = async (changes: readonly Changed[]): Promise<ReadonlyMap<string, Subject>> => {
  const byId = new Map(changes.map((changed) => [changed.detail['instance-id'], changed]));
  const subjects = new Map<string, Subject>();
  await atMost(AT_ONCE, [...byId], async ([id, changed]) => subjects.set(id, await subjectOf(changed)));
  return subjects;
};

/** A look that covers an event that was lost, and ends the grace of a guest that is asked to stop. */
const lookFor = async ({ attempt, look }: Look, { operation, vm }: Waited, describe: Describe): Promise<void> => {
  if (operation.wait.attempt !== attempt) return;
  const said = await lookAt(operation, vm, describe);
  if (said) {
    await answer(operation, said, attempt);
    return;
  }
  const more = await orderLook(operation, look + 1);
  if (more || operation.wait.step !== 'Ask To Stop') return;
  const over = new Fault('GraceOver', `The guest did not stop within ${graceOf(operation)} s.`);
  await answer(operation, { fault: over }, attempt);
};

/** Schedules are run by one function alone, which hears of it by our bus. */
const tellTurn = (turn: TurnDue): Promise<void> =>
  publish({
    noun: 'schedule',
    type: 'Schedule Turn Due',
    id: `${turn.scheduleId}:${turn.version}`,
    detail: { ...turn },
  });

/**
 * Queue of looks: of waits, of delays in the order of schedules, of groups of alerts and of rules, and of EC2's events, which say where to look. What a batch is about is looked at together, since
 * EC2 counts calls; what comes of it is each one's own.
 */
export const handler = messagesTogether(async (messages) => {
  const biddings = messages.flatMap((message) => Bidding.safeParse(message).data ?? []);
  const waited = await waitedOf(biddings.filter((each) => 'operationId' in each));
  const subjects = await subjectsOf(biddings.filter((each) => 'detail' in each));
  const about = [...[...waited.values()].map(({ vm }) => vm), ...[...subjects.values()].map(({ asked }) => asked)];
  const describe = await lookedTogether(about.filter((vm) => vm !== undefined));
  const heard = new Map<string, Promise<void>>();

  const hear = (changed: Changed): Promise<void> | undefined => {
    const id = changed.detail['instance-id'];
    const subject = subjects.get(id);
    const hearing = heard.get(id) ?? (subject && hearOf(changed, subject, describe));
    if (hearing) heard.set(id, hearing);
    return hearing;
  };

  return async (message) => {
    const bidding = Bidding.parse(message);
    if ('scheduleId' in bidding) return tellTurn(bidding);
    if ('alertGroupId' in bidding) return publish(groupDueEvent(bidding, Date.now()));
    if ('rulesOfHost' in bidding || 'compositesOf' in bidding) return publish(rulesLookEvent(bidding, Date.now()));
    if ('detail' in bidding) return hear(bidding);
    const wait = waited.get(bidding.operationId);
    return wait && lookFor(bidding, wait, describe);
  };
});
