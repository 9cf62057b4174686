import { createHash } from 'node:crypto';
import * as z from 'zod';
import { BUTTONS, type Button } from '../alerting/channels/slack-message.ts';
import { secretOf } from '../alerting/receivers/secrets.ts';
import { NotTold } from '../alerting/receivers/webhook.ts';
import { routingOf } from '../alerting/routing.ts';
import { showDeed } from '../alerting/show-deed.ts';
import { type Answerable, answerableBy, isSentTo } from '../domain/alerts/answer-token.ts';
import { gettableSilence } from '../domain/alerts/api-v2.ts';
import { waysTo } from '../domain/alerts/channel-health.ts';
import { byMatcher } from '../domain/alerts/matchers.ts';
import { common } from '../domain/alerts/notify.ts';
import type { SlackBotSpec } from '../domain/alerts/routing-row.ts';
import type { SilenceRow } from '../domain/alerts/silence-row.ts';
import { isSignedBySlack } from '../domain/alerts/slack-signature.ts';
import { raise } from '../domain/faults.ts';
import { logger } from '../runtime/powertools.ts';
import * as projects from '../store/projects.ts';
import { signingSecret } from '../store/secrets.ts';
import * as silences from '../store/silences.ts';
import * as table from '../store/table.ts';
import { type Asked, askedBy, takeOn } from './answerable.ts';
import { audited } from './audited.ts';
import { type Call, route } from './route.ts';

/** What Slack tells of a button that was pressed, as far as it is gone by ("block_actions", docs.slack.dev). */
const Pressed = z.object({
  type: z.literal('block_actions'),
  user: z.object({ id: z.string().regex(/^\w{1,32}$/), username: z.string().max(100).optional() }),
  actions: z.tuple([z.object({ action_id: z.enum(BUTTONS), value: z.string().max(2_000), action_ts: z.string() })]),
});
type Pressed = z.infer<typeof Pressed>;

/** @throws Unauthenticated, always, and never saying what was wrong */
const refused = (): never => raise('Unauthenticated', 'This is no answer to a message of ours that Slack has signed.');

const pressedOf = (body: string): Pressed => {
  try {
    return Pressed.parse(JSON.parse(new URLSearchParams(body).get('payload') ?? ''));
  } catch {
    return refused();
  }
};

/** The way by which somebody was asked, as it is now. */
const wayOf = async (answerable: Answerable): Promise<SlackBotSpec | undefined> => {
  const { config } = await routingOf(answerable.project);
  const way = config.receivers.flatMap(waysTo).find(({ key }) => isSentTo(answerable, key))?.spec;
  return way?.kind === 'slack-bot' ? way : undefined;
};

/** A secret that is not there verifies nothing. */
const secretOrNone = async (parameter: string): Promise<string | undefined> => {
  try {
    return await secretOf(parameter);
  } catch (error) {
    if (!(error instanceof NotTold)) throw error;
    logger.warn('the signing secret of Slack cannot be read', { error });
    return undefined;
  }
};

/** @throws Unauthenticated where Slack has not signed it by the secret of the way by which the message went out */
const assertSignedBySlack = async (answerable: Answerable, body: string, { event, at }: Call): Promise<void> => {
  const way = await wayOf(answerable);
  if (way?.signingSecretFile === undefined) return refused();
  const { 'x-slack-request-timestamp': timestamp = '', 'x-slack-signature': signature = '' } = event.headers;
  const secret = await secretOrNone(way.signingSecretFile);
  if (secret === undefined || !isSignedBySlack({ timestamp, signature, body }, secret, Date.parse(at))) refused();
};

const HOURS: Readonly<Record<Exclude<Button, 'acknowledge'>, number>> = { 'silence-1h': 1, 'silence-4h': 4 };

/** The same press makes the same silence. */
const silenceIdOf = ({ user, actions: [{ action_ts, value }] }: Pressed): string => {
  const hex = createHash('sha256').update([user.id, action_ts, value].join('\n')).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
};

/** Of what all that fires of the message has alike; the button is not there where that is nothing. */
const silenceOf = ({ rows }: Asked, id: string, hours: number, { by, at }: Call): SilenceRow => ({
  id,
  matchers: Object.entries(common(rows.map(({ labels }) => labels)))
    .map(([name, value]) => ({ name, type: '=' as const, value }))
    .sort(byMatcher),
  startsAt: at,
  endsAt: new Date(Date.parse(at) + hours * 3_600_000).toISOString(),
  updatedAt: at,
  createdBy: by.name,
  comment: `By a button of Slack, by ${by.id}.`,
  project: by.project,
  version: 1,
});

/** @returns whether there is one that was not there before */
const isSilenced = async (asked: Asked, pressed: Pressed, hours: number, call: Call): Promise<boolean> => {
  const { project } = asked.answerable;
  const row = silenceOf(asked, silenceIdOf(pressed), hours, call);
  if (row.matchers.length === 0 || (await silences.find(project, row.id))) return false;
  const told = audited(call, { subject: row.id, after: gettableSilence(row, Date.parse(call.at)) });
  await table.transact([silences.inserting(row), ...projects.whileLive(project), ...told]);
  return true;
};

/** Does what the button says, unless it was done before, and lets those who were told see it. */
const act = async (asked: Asked, pressed: Pressed, call: Call): Promise<void> => {
  const [{ action_id: button }] = pressed.actions;
  if (button === 'acknowledge') return takeOn(asked, call, undefined);
  const hours = HOURS[button];
  if (await isSilenced(asked, pressed, hours, call))
    await showDeed(call.by.project, asked.rows, `Silenced for ${hours} h by ${call.by.name}`);
};

const callBy = ({ user }: Pressed, { project }: Answerable, call: Call): Call => ({
  ...call,
  by: { id: `slack:${user.id}`, name: `slack:${user.username ?? user.id}`, project, role: 'operator', system: false },
});

/** POST /v1/slack/interactions: what Slack tells of buttons of our messages. */
export const answerFromSlack = route({
  method: 'POST',
  path: '/v1/slack/interactions',
  action: 'answer-from-slack',
  summary: 'What was pressed below a message about alerts in Slack, signed by Slack',
  access: 'open',
  form: true,
  body: z.string(),
  answers: { 200: null },
  handler: async ({ body }, call) => {
    const pressed = pressedOf(body);
    const [{ value: token }] = pressed.actions;
    // Our own signature first: it costs nothing, and says whose secret Slack's is to be checked by.
    const answerable = answerableBy(token, await signingSecret('answer')) ?? refused();
    await assertSignedBySlack(answerable, body, call);
    const asked = await askedBy(token, Date.parse(call.at));
    if (typeof asked !== 'string') await act(asked, pressed, callBy(pressed, answerable, call));
    return { status: 200 };
  },
});
