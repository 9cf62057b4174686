import * as z from 'zod';
import { factOf } from '../alerting/notice-of-group.ts';
import { isAcknowledgedAt } from '../domain/alerts/alert-row.ts';
import type { Answerable } from '../domain/alerts/answer-token.ts';
import { type Page, pageReply } from './answer-page.ts';
import { type Asked, askedBy, type Refusal, takeOn } from './answerable.ts';
import { type Call, type Reply, route } from './route.ts';

/** For how long somebody may take alerts on by a link; until they are over, where it is left out. */
const LASTS_MS = { '1h': 3_600_000, '4h': 14_400_000, '24h': 86_400_000 } as const;
const Lasts = z.enum(['1h', '4h', '24h']);
type Lasts = z.infer<typeof Lasts>;

const Token = z.string().max(4096).default('');

const BUTTONS: readonly (readonly [label: string, lasts?: Lasts])[] = [
  ['Acknowledge for 1 hour', '1h'],
  ['For 4 hours', '4h'],
  ['For a day', '24h'],
  ['Until it is over'],
];

/** What each says to whoever holds the link, and nothing of what the plane knows. */
const REFUSALS: Readonly<Record<Refusal, Page>> = {
  'not-ours': {
    status: 400,
    title: 'This link is not whole',
    words: ['It is not as it was sent: it may have been cut. Open it from the message once more.'],
  },
  expired: {
    status: 410,
    title: 'This link has ended',
    words: ['A link is good for a day after its message. What fires by now is shown by: novacron alert list'],
  },
  over: {
    status: 410,
    title: 'Nothing of it fires any more',
    words: ['What the message was about is over, and there is nothing to take on.'],
  },
};

const isTakenOn = ({ rows }: Asked, now: number): boolean => rows.every((row) => isAcknowledgedAt(row, now));

/** What a page shows of a storm. */
const SHOWN = 100;

const wordsOf = ({ answerable, rows }: Asked, isDone: boolean): string[] => {
  const { alerts, more, project } = answerable;
  const over = alerts.length - rows.length;
  return [
    `${isDone ? 'Nobody is reminded of what is taken on.' : 'Whoever takes these on keeps others from being reminded of them.'} Project: ${project}.`,
    ...(over > 0 ? [`Of the message ${over} more ${over === 1 ? 'is' : 'are'} over.`] : []),
    ...(rows.length > SHOWN ? [`The first ${SHOWN} of them, the worst first:`] : []),
    ...(more > 0 ? [`The message was about ${more} more than a link names: novacron alert list shows all.`] : []),
  ];
};

const buttonsOf = (token: string): NonNullable<Page['buttons']> =>
  BUTTONS.map(([label, lasts]) => [label, `?token=${token}${lasts ? `&for=${lasts}` : ''}`]);

const pageOf = (asked: Asked, token: string, now: number): Page => {
  const isDone = isTakenOn(asked, now);
  return {
    status: 200,
    title: isDone ? 'Taken on' : `Firing: ${asked.rows.length}`,
    words: wordsOf(asked, isDone),
    things: asked.rows.slice(0, SHOWN).map((row) => factOf(row, now)),
    ...(isDone ? {} : { buttons: buttonsOf(token) }),
  };
};

/** The page of what a link asks for as it is now. */
const shown = async (token: string, now: number): Promise<Reply> => {
  const asked = await askedBy(token, now);
  return pageReply(typeof asked === 'string' ? REFUSALS[asked] : pageOf(asked, token, now));
};

/** Whoever holds the link may do with its alerts what an operator of their project may: take them on. */
const callBy = ({ project, group, channel }: Answerable, call: Call): Call => ({
  ...call,
  by: { id: `link:${group}`, name: `link sent to ${channel}`, project, role: 'operator', system: false },
});

/** GET /v1/answers: programs open links before people do, so this changes nothing. */
export const showAnswer = route({
  method: 'GET',
  path: '/v1/answers',
  action: 'show-answer',
  summary: 'The page of a link that was sent with a notice of alerts: what fires of them, and how to take it on',
  access: 'open',
  query: z.strictObject({ token: Token }),
  answers: { 200: null, 400: null, 410: null },
  handler: ({ query: { token } }, { at }) => shown(token, Date.parse(at)),
});

/** POST /v1/answers: what the buttons of that page do. Once it is done, it changes nothing. */
export const acknowledgeByLink = route({
  method: 'POST',
  path: '/v1/answers',
  action: 'acknowledge-by-link',
  summary: 'Take on what fires of the alerts of a link, for so long or until it is over',
  access: 'open',
  query: z.strictObject({ token: Token, for: Lasts.optional() }),
  answers: { 200: null, 400: null, 410: null },
  handler: async ({ query: { token, for: lasts } }, call) => {
    const now = Date.parse(call.at);
    const asked = await askedBy(token, now);
    if (typeof asked !== 'string') {
      const until = lasts && new Date(now + LASTS_MS[lasts]).toISOString();
      await takeOn(asked, callBy(asked.answerable, call), until);
    }
    return shown(token, now);
  },
});
