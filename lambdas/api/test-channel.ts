import * as z from 'zod';
import { tellReceiver } from '../alerting/receivers/tell.ts';
import { NotTold } from '../alerting/receivers/webhook.ts';
import { type Routing, routingOf } from '../alerting/routing.ts';
import type { AlertGroup } from '../domain/alerts/alert-group.ts';
import type { AlertRow } from '../domain/alerts/alert-row.ts';
import { wayKey } from '../domain/alerts/channel-health.ts';
import { fingerprintOf } from '../domain/alerts/labels.ts';
import { type IntegrationSpec, isChannel } from '../domain/alerts/routing-row.ts';
import type { SlackThread } from '../domain/alerts/slack-bot.ts';
import { Fault } from '../domain/faults.ts';
import * as table from '../store/table.ts';
import { audited } from './audited.ts';
import { type Call, route } from './route.ts';

/** What came of a test: of a way that has a queue, or leads nowhere, nothing is asked. */
const Tried = z
  .strictObject({
    way: z.string(),
    outcome: z.enum(['took', 'did-not-take', 'not-asked']),
    why: z.string().optional(),
  })
  .meta({ id: 'TriedChannel' });
type Tried = z.infer<typeof Tried>;

const QUEUED = "it is the installation's own, which has a queue: channel list shows how that goes";

/** A minute after the test is over, so that nothing of it stays where alerts are kept. */
const alertOf = (receiver: string, { by, at }: Call, endsAt: number): AlertRow => {
  const labels = { alertname: 'NovaCronTest', receiver, severity: 'info' };
  return {
    labels,
    annotations: { summary: `A test of this receiver, asked for by ${by.name}. Nothing is wrong.` },
    startsAt: at,
    endsAt: new Date(endsAt).toISOString(),
    generatorURL: '',
    updatedAt: at,
    timeout: false,
    fingerprint: fingerprintOf(labels),
    project: by.project,
    inhibits: false,
    version: 0,
  };
};

/** The group of a test is in no table: its id is the request's own. */
const groupOf = (receiver: string, { by, at, requestId }: Call): AlertGroup => ({
  id: `agr-test-${requestId}`,
  project: by.project,
  groupKey: `{}/test:{alertname="NovaCronTest", receiver=${JSON.stringify(receiver)}}`,
  receiver,
  labels: { alertname: 'NovaCronTest', receiver },
  alerts: [],
  isFlushed: false,
  groupIntervalMs: 0,
  routing: 0,
  told: {},
  keptUntil: at,
  version: 0,
});

const tried = async (spec: IntegrationSpec, receiver: string, index: number, call: Call): Promise<Tried> => {
  const key = wayKey(receiver, spec.kind, index);
  const way = key.slice(receiver.length + 1);
  if (isChannel(spec)) return { way, outcome: 'not-asked', why: QUEUED };
  const now = Date.parse(call.at);
  const tell = (endsAt: number, thread?: SlackThread) =>
    tellReceiver(spec, {
      thread,
      key,
      group: groupOf(receiver, call),
      alerts: [alertOf(receiver, call, endsAt)],
      at: now,
    });
  try {
    const thread = await tell(now + 60_000);
    // What pages somebody is over at once.
    if (spec.sendResolved) await tell(now, thread);
    return { way, outcome: 'took' };
  } catch (error) {
    if (!(error instanceof NotTold)) throw error;
    return { way, outcome: 'did-not-take', why: error.message };
  }
};

/** @throws InvalidRequest where the routing has no such receiver */
const triedAll = async ({ config, undelivered }: Routing, name: string, call: Call): Promise<Tried[]> => {
  const receiver = config.receivers.find((each) => each.name === name);
  if (receiver === undefined) {
    const detail = 'is no receiver of the routing';
    throw new Fault('InvalidRequest', `${name} ${detail}.`, { errors: [{ pointer: '/receiver', detail }] });
  }
  const asked = await Promise.all(receiver.integrations.map((spec, index) => tried(spec, name, index, call)));
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
