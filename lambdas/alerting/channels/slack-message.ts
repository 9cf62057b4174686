import type { KnownBlock, MrkdwnElement } from '@slack/types';
import type { Notice } from '../notice.ts';

/** Slack's limits ("Reference: blocks", docs.slack.dev): header 150, a section's text 3,000, a field 2,000 characters, ten fields. */
const HEADER = 150;
const SECTION = 3_000;
const FIELD = 2_000;
const FIELDS = 10;

/** What a message of an incoming webhook is. */
export interface SlackMessage {
  /** Shown in notifications, and by clients that show no blocks. */
  readonly text: string;
  readonly blocks: readonly KnownBlock[];
}

/** What a message of a bot is, whose colour shows how it stands. */
export interface BotMessage {
  readonly text: string;
  readonly attachments: readonly [{ readonly color: string; readonly blocks: readonly KnownBlock[] }];
  readonly unfurl_links: false;
}

/** The three characters Slack reads as markup; a VM's name or a fault's detail must not ping a channel. */
export const plain = (words: string): string =>
  words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const mrkdwn = (words: string, limit: number): MrkdwnElement => ({ type: 'mrkdwn', text: words.slice(0, limit) });

const MARK: Record<Notice['severity'], string> = {
  info: ':bar_chart:',
  warning: ':warning:',
  critical: ':rotating_light:',
};

/** A button that opens the page on which somebody takes it on. */
const answering = (url: string): KnownBlock => ({
  type: 'actions',
  elements: [{ type: 'button', text: { type: 'plain_text', text: 'Acknowledge' }, url, style: 'primary' }],
});

/** A notice in Block Kit. */
export const slackMessage = ({ severity, title, facts, advice, links, ackUrl }: Notice): SlackMessage => ({
  text: plain(title),
  blocks: [
    { type: 'header', text: { type: 'plain_text', text: `${MARK[severity]} ${title}`.slice(0, HEADER), emoji: true } },
    {
      type: 'section',
      fields: facts.slice(0, FIELDS).map(([label, value]) => mrkdwn(`*${plain(label)}*\n${plain(value)}`, FIELD)),
    },
    ...(ackUrl ? [answering(ackUrl)] : []),
    { type: 'section', text: mrkdwn(plain(advice.join('\n')), SECTION) },
    {
      type: 'context',
      elements: [mrkdwn(links.map(({ label, url }) => `<${url}|${plain(label)}>`).join('  ·  '), SECTION)],
    },
  ],
});

/** What may be pressed below a message of a bot. */
export const BUTTONS = ['acknowledge', 'silence-1h', 'silence-4h'] as const;
export type Button = (typeof BUTTONS)[number];

const LABELS: Readonly<Record<Button, string>> = {
  acknowledge: 'Acknowledge',
  'silence-1h': 'Silence 1 h',
  'silence-4h': 'Silence 4 h',
};

/** Buttons that carry a token, by which the plane knows what they are about. */
const pressing = (token: string): KnownBlock => ({
  type: 'actions',
  elements: BUTTONS.map((button) => ({
    type: 'button',
    action_id: button,
    value: token,
    text: { type: 'plain_text', text: LABELS[button] },
  })),
});

/** How the alerts of a message stand: those that fire, all taken on, all over. */
const LOOKS = {
  firing: { color: '#d92626', mark: undefined },
  acknowledged: { color: '#daa038', mark: ':eyes:' },
  resolved: { color: '#2eb886', mark: ':white_check_mark:' },
} as const;

/** A notice as a message of a bot: its title in the text, all else beside a colour. */
export const botMessage = (notice: Notice, state: keyof typeof LOOKS, token: string | undefined): BotMessage => {
  const { color, mark = MARK[notice.severity] } = LOOKS[state];
  const [, ...said] = slackMessage(notice).blocks;
  const blocks = token ? [...said, pressing(token)] : said;
  return { text: `${mark} ${plain(notice.title)}`, attachments: [{ color, blocks }], unfurl_links: false };
};
