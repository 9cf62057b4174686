import { alertsUrl, cut, firingOf, subject } from './default-texts.ts';
import { goJson } from './go-text.ts';
import type { Told } from './notify.ts';
import type { SlackAction, SlackField, SlackTexts } from './routing-row.ts';

/** Slack's limit of a title (notify/slack/slack.go of Alertmanager 0.25). */
const LONGEST_TITLE = 1_024;

/** Where Slack reads its own marks, unless somebody says otherwise. */
const MARKED = ['fallback', 'pretext', 'text'];

const unlessEmpty = (fields: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).flatMap(([name, text]) => (text ? [[name, text]] : [])));

const fieldOf = ({ title, value, short }: SlackField, shortFields: boolean) => ({
  ...unlessEmpty({ title, value }),
  short: short ?? shortFields,
});

const actionOf = ({ type, text, url, style, name, value, confirm }: SlackAction) => ({
  ...unlessEmpty({ type, text, url, style, name, value }),
  ...(confirm
    ? {
        confirm: unlessEmpty({
          text: confirm.text,
          title: confirm.title,
          ok_text: confirm.ok_text,
          dismiss_text: confirm.dismiss_text,
        }),
      }
    : {}),
});

/** A message of Slack's incoming webhooks, byte by byte as Alertmanager sends it. */
export const slackAttachment = (told: Told, message: SlackTexts): string => {
  const { texts, fields, actions, shortFields, linkNames, mrkdwnIn } = message;
  const title = texts.title ?? subject(told);
  const attachment = {
    ...unlessEmpty({
      title: cut(title, LONGEST_TITLE),
      title_link: texts.title_link ?? alertsUrl(told),
      pretext: texts.pretext,
    }),
    text: texts.text ?? '',
    fallback: texts.fallback ?? `${subject(told)} | ${alertsUrl(told)}`,
    callback_id: texts.callback_id ?? '',
    ...(fields.length > 0 ? { fields: fields.map((field) => fieldOf(field, shortFields)) } : {}),
    ...(actions.length > 0 ? { actions: actions.map(actionOf) } : {}),
    ...unlessEmpty({ image_url: texts.image_url, thumb_url: texts.thumb_url }),
    footer: texts.footer ?? '',
    ...unlessEmpty({ color: texts.color ?? (firingOf(told).length > 0 ? 'danger' : 'good') }),
    mrkdwn_in: mrkdwnIn.length > 0 ? mrkdwnIn : MARKED,
  };
  return goJson({
    ...unlessEmpty({
      channel: texts.channel,
      username: texts.username ?? 'NovaCron',
      icon_emoji: texts.icon_emoji,
      icon_url: texts.icon_url,
    }),
    ...(linkNames ? { link_names: true } : {}),
    attachments: [attachment],
  });
};
