import * as z from 'zod';
import { previewed } from '../alerting/receivers/texts.ts';
import { toldOf, type Word } from '../alerting/receivers/word.ts';
import { routingOf } from '../alerting/routing.ts';
import { asHeard } from '../domain/alerts/alert-row.ts';
import { wayKey } from '../domain/alerts/channel-health.ts';
import { LabelName } from '../domain/alerts/labels.ts';
import { alertsToSend } from '../domain/alerts/notify.ts';
import { Fault } from '../domain/faults.ts';
import { PlainOrEmptyText } from '../domain/plain-text.ts';
import * as groups from '../store/alert-groups.ts';
import * as alerts from '../store/alerts.ts';
import { type Call, route } from './route.ts';
import { receiverOf, sampleAlert, sampleGroup } from './sample-alert.ts';

const Body = z.strictObject({
  receiver: z.string().min(1).max(1000),
  /** A template to try instead of those that the routing has. */
  template: z.string().min(1).max(20_000).optional(),
  /** Told of the alerts that the receiver was last told of, or is to be, instead of a made-up one. */
  live: z.boolean().default(false),
  /** Labels and annotations of the made-up alert, beside those that it has. */
  labels: z.record(LabelName, PlainOrEmptyText(4096)).default({}),
  annotations: z.record(LabelName, PlainOrEmptyText(4096)).default({}),
});
type Body = z.infer<typeof Body>;

/** What a text of a receiver says, or why it says nothing. */
const Said = z
  .strictObject({
    /** Which of the receiver's ways; none where the text is one of the request. */
    way: z.string().optional(),
    /** Its field, as the routing has it: `details.severity`. */
    field: z.string(),
    text: z.string().optional(),
    wrong: z.string().optional(),
  })
  .meta({ id: 'PreviewedText' });
type Said = z.infer<typeof Said>;

const madeUp = ({ receiver, labels, annotations }: Body, call: Call): Word => {
  const now = Date.parse(call.at);
  const alert = sampleAlert(receiver, call, now + 60_000);
  const said = { labels: { ...alert.labels, ...labels }, annotations: { ...alert.annotations, ...annotations } };
  return { key: '', group: sampleGroup(receiver, call), alerts: [{ ...alert, ...said }], at: now };
};

/** The group of a receiver that was last told of, with its alerts. @throws InvalidRequest where there is none */
const live = async ({ receiver }: Body, { by, at }: Call): Promise<Word> => {
  const all = (await groups.allOf(by.project)).filter((each) => each.receiver === receiver && each.alerts.length > 0);
  const [group] = all.toSorted((a, b) => ((a.nextAt ?? '') < (b.nextAt ?? '') ? 1 : -1));
  if (group === undefined) {
    const detail = 'has no alerts to be told of now';
    throw new Fault('InvalidRequest', `${receiver} ${detail}.`, { errors: [{ pointer: '/live', detail }] });
  }
  const now = Date.parse(at);
  const rows = (await alerts.these(by.project, group.alerts)).map(asHeard);
  return { key: '', group, alerts: alertsToSend(rows, now, true), at: now };
};

/** POST /v1/channels/actions/preview */
export const previewTexts = route({
  method: 'POST',
  path: '/v1/channels/actions/preview',
  action: 'preview-texts',
  summary: 'Show what the texts of a receiver say of an alert, without telling it',
  access: 'viewer',
  body: Body,
  answers: { 200: z.strictObject({ items: z.array(Said) }) },
  handler: async ({ body }, call) => {
    const routing = await routingOf(call.by.project);
    const { integrations } = receiverOf(routing, body.receiver);
    const told = toldOf(body.live ? await live(body, call) : madeUp(body, call));
    const { templates } = routing.config;
    if (body.template !== undefined)
      return { status: 200, body: { items: await previewed({ texts: { template: body.template } }, told, templates) } };
    const items = integrations.map(async (spec, index): Promise<Said[]> => {
      const way = wayKey('', spec.kind, index).slice(1);
      return (await previewed(spec, told, templates)).map((said) => ({ way, ...said }));
    });
    return { status: 200, body: { items: (await Promise.all(items)).flat() } };
  },
});
