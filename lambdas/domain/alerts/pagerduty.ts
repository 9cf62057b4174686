import { createHash } from 'node:crypto';
import { alertsUrl, cut, firingOf, resolvedOf, subject, textList } from './default-texts.ts';
import { byBytes, goJson } from './go-text.ts';
import type { Told } from './notify.ts';
import type { PagerdutyTexts } from './routing-row.ts';

/** PagerDuty's limits ("Send an Alert Event", Events API v2). */
const LONGEST_SUMMARY = 1_024;
const LARGEST_EVENT = 512_000;

const TOO_LARGE = 'Custom details have been removed because the original event exceeds the maximum size of 512KB';

/** What a group is known by to those who put words about it together: the same as Alertmanager's. */
export const groupHash = ({ groupKey }: Pick<Told, 'groupKey'>): string =>
  createHash('sha256').update(groupKey).digest('hex');

const detailsOf = (told: Told, said: Readonly<Record<string, string>>): Record<string, string> => {
  const [firing, resolved] = [firingOf(told), resolvedOf(told)];
  const details = {
    firing: textList(firing),
    resolved: textList(resolved),
    num_firing: String(firing.length),
    num_resolved: String(resolved.length),
    ...said,
  };
  return Object.fromEntries(Object.entries(details).sort(([a], [b]) => byBytes(a, b)));
};

/** What is said, without fields that are empty. */
const unlessEmpty = (fields: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).flatMap(([name, text]) => (text ? [[name, text]] : [])));

const unlessNone = (name: string, list: readonly Readonly<Record<string, string>>[]) =>
  list.length > 0 ? { [name]: list } : {};

/** An event of PagerDuty's Events API v2, byte by byte as Alertmanager sends it. */
export const pagerdutyEvent = (
  told: Told,
  { texts, details, images = [], links = [] }: PagerdutyTexts,
  routingKey: string,
): string => {
  const client = texts.client ?? 'NovaCron';
  const event = (custom_details: Record<string, string>) =>
    goJson({
      routing_key: routingKey,
      dedup_key: groupHash(told),
      event_action: firingOf(told).length > 0 ? 'trigger' : 'resolve',
      payload: {
        summary: cut(texts.description ?? subject(told), LONGEST_SUMMARY),
        source: texts.source || client,
        severity: texts.severity || 'error',
        ...unlessEmpty({ class: texts.class, component: texts.component, group: texts.group }),
        custom_details,
      },
      ...unlessEmpty({ client, client_url: texts.client_url ?? alertsUrl(told) }),
      ...unlessNone(
        'images',
        images.filter(({ src }) => src).map(({ src = '', alt = '', href = '' }) => ({ src, alt, href })),
      ),
      ...unlessNone(
        'links',
        links.filter(({ href }) => href).map(({ href = '', text = '' }) => ({ href, text })),
      ),
    });
  const whole = event(detailsOf(told, details));
  return Buffer.byteLength(whole) > LARGEST_EVENT ? event({ error: TOO_LARGE }) : whole;
};
