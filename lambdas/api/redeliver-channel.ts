import * as z from 'zod';
import { putEvent } from '../alerting/receivers/bus.ts';
import { NotTold } from '../alerting/receivers/webhook.ts';
import { routingOf } from '../alerting/routing.ts';
import { type AlertGroup, triedAgain } from '../domain/alerts/alert-group.ts';
import { ChannelName } from '../domain/alerts/channel-state.ts';
import { isChannel } from '../domain/alerts/routing-row.ts';
import { Fault } from '../domain/faults.ts';
import { entryOf } from '../runtime/bus.ts';
import { atMost } from '../runtime/chunks.ts';
import * as groups from '../store/alert-groups.ts';
import * as table from '../store/table.ts';
import { audited } from './audited.ts';
import { type Call, route } from './route.ts';
import { receiverOf } from './sample-alert.ts';

/** Writes that a request makes in its time. */
const AT_ONCE = 16;
const MOST = 2_000;

/** @returns whether it will be told of; not where somebody tells of it right now */
const isHurried = async (group: AlertGroup): Promise<boolean> => {
  try {
    await table.save(groups.writing(group));
    return true;
  } catch (error) {
    if (error instanceof Fault && error.name === 'WriteConflict') return false;
    throw error;
  }
};

const hurried = async (owing: readonly AlertGroup[]): Promise<number> => {
  let count = 0;
  await atMost(AT_ONCE, owing, async (group) => {
    if (await isHurried(group)) count += 1;
  });
  return count;
};

/** The queues of channels are filled by one function alone, which hears of it by our bus. @throws ProviderUnreachable */
const handOutUnsent = async ({ requestId: id }: Call): Promise<void> => {
  try {
    await putEvent(entryOf({ noun: 'alert', type: 'Channel Redeliver', id, detail: { unsent: 'again' } }));
  } catch (error) {
    if (!(error instanceof NotTold)) throw error;
    throw new Fault('ProviderUnreachable', 'EventBridge did not take what fills the queues of channels.', {
      cause: error,
    });
  }
};

/** POST /v1/channels/actions/redeliver */
export const redeliverChannel = route({
  method: 'POST',
  path: '/v1/channels/actions/redeliver',
  action: 'redeliver-channel',
  summary: 'Tell a receiver within the minute what it was not told, however long it is to be left alone',
  access: 'operator',
  body: z.strictObject({ receiver: z.string().min(1).max(1000) }),
  answers: {
    200: z.strictObject({
      /** Groups that it is told of again. */
      groups: z.number().int(),
      /** Groups that are left for another request, or are being told of right now. */
      left: z.number().int(),
      /** Channels of the installation that it is: what they could not be told in most of a day goes back into their queues. */
      queues: z.array(ChannelName),
    }),
  },
  handler: async ({ body: { receiver } }, call) => {
    const [routing, all] = await Promise.all([routingOf(call.by.project), groups.allOf(call.by.project)]);
    const queues = receiverOf(routing, receiver)
      .integrations.filter(isChannel)
      .map(({ kind }) => kind);
    if (queues.length > 0) await handOutUnsent(call);
    const owing = all.flatMap((group) => triedAgain(group, receiver, Date.parse(call.at)) ?? []);
    const count = await hurried(owing.slice(0, MOST));
    const body = { groups: count, left: owing.length - count, queues };
    await table.transact(audited(call, { after: { receiver, ...body } }));
    return { status: 200, body };
  },
});
