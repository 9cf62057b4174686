import * as z from 'zod';
import { noticeOfGroup } from '../alerting/notice-of-group.ts';
import { putEvent } from '../alerting/receivers/bus.ts';
import { tellInTexts } from '../alerting/receivers/texts.ts';
import { NotTold } from '../alerting/receivers/webhook.ts';
import { type Routing, routingOf } from '../alerting/routing.ts';
import { wayKey } from '../domain/alerts/channel-health.ts';
import { type ChannelSpec, type IntegrationSpec, isChannel, type RoutingConfig } from '../domain/alerts/routing-row.ts';
import type { SlackThread } from '../domain/alerts/slack-bot.ts';
import { entryOf } from '../runtime/bus.ts';
import * as table from '../store/table.ts';
import { audited } from './audited.ts';
import { type Call, route } from './route.ts';
import { receiverOf, sampleAlert, sampleGroup } from './sample-alert.ts';

/** What came of a test: a channel of the installation hears it through its queue; of a way that leads nowhere nothing is asked. */
const Tried = z
  .strictObject({
    way: z.string(),
    outcome: z.enum(['took', 'queued', 'did-not-take', 'not-asked']),
    why: z.string().optional(),
  })
  .meta({ id: 'TriedChannel' });
type Tried = z.infer<typeof Tried>;

const QUEUED = 'channel list shows within the minute whether it went out';

/** The queues of channels are filled by one function alone, which hears of it by our bus. @throws NotTold */
const queue = async ({ kind }: ChannelSpec, receiver: string, call: Call): Promise<void> => {
  const now = Date.parse(call.at);
  const notice = noticeOfGroup(
    sampleGroup(receiver, call),
    [sampleAlert(receiver, call, now + 60_000)],
    now,
    undefined,
  );
  const id = `${call.requestId}:${kind}`;
  await putEvent(entryOf({ noun: 'alert', type: 'Channel Test', id, detail: { notice, to: [kind] } }));
};

/** What is tried of a receiver: one of its ways, and the templates that its texts may name. */
interface Trial {
  readonly spec: IntegrationSpec;
  readonly receiver: string;
  readonly index: number;
  readonly files: RoutingConfig['templates'];
}

/** @throws NotTold */
const outcomeOf = async (
  { spec, receiver, files }: Trial,
  key: string,
  call: Call,
): Promise<Pick<Tried, 'outcome' | 'why'>> => {
  if (isChannel(spec)) {
    await queue(spec, receiver, call);
    return { outcome: 'queued', why: QUEUED };
  }
  const now = Date.parse(call.at);
  const tell = (endsAt: number, thread?: SlackThread) =>
    tellInTexts(
      spec,
      { thread, key, group: sampleGroup(receiver, call), alerts: [sampleAlert(receiver, call, endsAt)], at: now },
      files,
    );
  const { thread, wrong } = await tell(now + 60_000);
  // What pages somebody is over at once.
  const end = spec.sendResolved ? await tell(now, thread) : undefined;
  const [why] = [...wrong, ...(end?.wrong ?? [])];
  return { outcome: 'took', ...(why === undefined ? {} : { why: `in other words: ${why}` }) };
};

const tried = async (trial: Trial, call: Call): Promise<Tried> => {
  const key = wayKey(trial.receiver, trial.spec.kind, trial.index);
  const way = key.slice(trial.receiver.length + 1);
  try {
    return { way, ...(await outcomeOf(trial, key, call)) };
  } catch (error) {
    if (!(error instanceof NotTold)) throw error;
    return { way, outcome: 'did-not-take', why: error.message };
  }
};

/** @throws InvalidRequest where the routing has no such receiver */
const triedAll = async (routing: Routing, name: string, call: Call): Promise<Tried[]> => {
  const { config, undelivered } = routing;
  const { integrations } = receiverOf(routing, name);
  const asked = await Promise.all(
    integrations.map((spec, index) => tried({ spec, receiver: name, index, files: config.templates }, call)),
  );
  const nowhere = undelivered.filter((each) => each.receiver === name);
  return [...asked, ...nowhere.map(({ place, why }): Tried => ({ way: place, outcome: 'not-asked', why }))];
};

/** POST /v1/channels/actions/test */
export const testChannel = route({
  method: 'POST',
  path: '/v1/channels/actions/test',
  action: 'test-channel',
  summary: 'Tell a receiver of a test alert, and of its end, and say what came of it',
  access: 'operator',
  body: z.strictObject({ receiver: z.string().min(1).max(1000) }),
  answers: { 200: z.strictObject({ items: z.array(Tried) }) },
  handler: async ({ body: { receiver } }, call) => {
    const items = await triedAll(await routingOf(call.by.project), receiver, call);
    await table.transact(audited(call, { after: { receiver, items } }));
    return { status: 200, body: { items } };
  },
});
