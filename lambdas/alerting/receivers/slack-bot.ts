import { isResolvedAt } from '../../domain/alerts/alert.ts';
import { isAcknowledgedAt } from '../../domain/alerts/alert-row.ts';
import type { SlackBotSpec } from '../../domain/alerts/routing-row.ts';
import {
  isGoneError,
  isPassingError,
  methodUrl,
  type SlackThread,
  slackAnswer,
} from '../../domain/alerts/slack-bot.ts';
import { isDigest } from '../../domain/alerts/storm.ts';
import { type BotMessage, botMessage, plain } from '../channels/slack-message.ts';
import { noticeOfGroup } from '../notice-of-group.ts';
import { authorizing, tellBy } from './request.ts';
import { type Answer, NotTold } from './webhook.ts';
import type { Word } from './word.ts';

/** That Slack did not take a message, by the name that it gives the error. */
class SlackRefusal extends NotTold {
  readonly error: string;

  constructor(error: string, { waitMs }: Answer) {
    super(`Slack answers: ${error}`, isPassingError(error), waitMs === undefined ? {} : { afterMs: waitMs });
    this.error = error;
  }
}

/** Asks one method of the Web API. @returns where the message lies. @throws NotTold */
const asked = async (
  { url, authorization }: SlackBotSpec,
  method: Parameters<typeof methodUrl>[1],
  body: object,
): Promise<SlackThread> => {
  let at: SlackThread = { channel: '', ts: '' };
  await tellBy(async (secret) => ({
    url: methodUrl(url, method),
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json; charset=utf-8', ...(await authorizing(authorization, secret)) },
    taken: (answer) => {
      const said = slackAnswer(answer.text);
      if ('error' in said) throw new SlackRefusal(said.error, answer);
      at = said;
    },
  }));
  return at;
};

/** Changes a message in its place. @returns whether it is still there */
const isUpdated = async (spec: SlackBotSpec, thread: SlackThread, message: BotMessage): Promise<boolean> => {
  try {
    await asked(spec, 'chat.update', { ...thread, ...message });
    return true;
  } catch (error) {
    if (error instanceof SlackRefusal && isGoneError(error.error)) return false;
    throw error;
  }
};

/** What a message shows by its colour. */
const stateOf = ({ alerts, at }: Word): Parameters<typeof botMessage>[1] => {
  const firing = alerts.filter((alert) => !isResolvedAt(alert, at));
  if (firing.length === 0) return 'resolved';
  return firing.every((alert) => isAcknowledgedAt(alert, at)) ? 'acknowledged' : 'firing';
};

/** The token that a link carries. */
const tokenOf = (ackUrl: string | undefined): string | undefined =>
  (ackUrl && new URL(ackUrl).searchParams.get('token')) || undefined;

/** A digest is never changed in place, so that whoever pressed a button would see nothing: a link opens the page that shows it. */
const digestMessage = (word: Word): BotMessage => {
  const { group, alerts, at, ackUrl } = word;
  const notice = noticeOfGroup(group, alerts, at, undefined);
  const links = ackUrl ? [{ label: 'Acknowledge', url: ackUrl }, ...notice.links] : notice.links;
  return botMessage({ ...notice, links }, stateOf(word), undefined);
};

/** Its buttons answer by themselves where we can tell that Slack sent what they say, and open a page elsewhere. */
const messageOf = ({ signingSecretFile }: SlackBotSpec, word: Word): BotMessage => {
  const { group, alerts, at, ackUrl } = word;
  if (isDigest(group)) return digestMessage(word);
  const hasButtons = signingSecretFile !== undefined;
  const notice = noticeOfGroup(group, alerts, at, hasButtons ? undefined : ackUrl);
  return botMessage(notice, stateOf(word), hasButtons ? tokenOf(ackUrl) : undefined);
};

/** Shows in a message that is there how its group stands now, and says in its thread what was done. @throws NotTold */
export const refreshSlackBot = async (
  spec: SlackBotSpec,
  word: Word & { readonly thread: SlackThread },
  deed: string,
): Promise<void> => {
  const { channel, ts } = word.thread;
  const isKept = await isUpdated(spec, word.thread, messageOf(spec, word));
  if (isKept) await asked(spec, 'chat.postMessage', { channel, thread_ts: ts, text: plain(deed) });
};

/**
 * Tells a channel of Slack its word by a bot: a first message that is changed in place as the group changes, and a reply in its
 * thread for each change. Where that message is gone, another takes its place. @returns the message. @throws NotTold
 */
export const tellBySlackBot = async (spec: SlackBotSpec, word: Word): Promise<SlackThread> => {
  const { thread } = word;
  const message = messageOf(spec, word);
  if (thread === undefined || !(await isUpdated(spec, thread, message)))
    return asked(spec, 'chat.postMessage', { channel: spec.channel, ...message });
  await asked(spec, 'chat.postMessage', { channel: thread.channel, thread_ts: thread.ts, text: message.text });
  return thread;
};
