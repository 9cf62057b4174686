import { alertsUrl, commonLabels, cut, description, firingOf, subject } from './default-texts.ts';
import { byBytes, goJson } from './go-text.ts';
import type { Told } from './notify.ts';
import { groupHash } from './pagerduty.ts';
import type { OpsgenieTexts, Responder } from './routing-row.ts';

/** OpsGenie's limit of a message ("Create Alert", Opsgenie Alert API). */
const LONGEST_MESSAGE = 130;

const split = (text = ''): string[] =>
  text
    .trim()
    .split(',')
    .filter((part) => part !== '');

/** Several teams in one field are as many. */
const respondersOf = (all: readonly Responder[]): Responder[] =>
  all
    .filter((each) => Object.values(each).some((text) => text !== ''))
    .flatMap(({ type = '', id, name, username }): Responder[] =>
      type === 'teams'
        ? split(name).map((team) => ({ name: team, type: 'team' }))
        : [{ ...(id ? { id } : {}), ...(name ? { name } : {}), ...(username ? { username } : {}), type }],
    );

/** A request of OpsGenie's Alert API: below which path of it, and the body. */
export interface OpsgenieRequest {
  readonly path: string;
  readonly body: string;
}

/** Creates an alert, or closes it, as Alertmanager does, byte by byte. */
export const opsgenieRequest = (told: Told, { texts, details, responders }: OpsgenieTexts): OpsgenieRequest => {
  const alias = groupHash(told);
  const source = texts.source ?? alertsUrl(told);
  if (firingOf(told).length === 0)
    return { path: `v2/alerts/${alias}/close?identifierType=alias`, body: goJson({ source }) };
  const [who, tags, actions] = [respondersOf(responders), split(texts.tags), split(texts.actions)];
  const said = texts.description ?? description(told);
  const all = Object.entries({ ...commonLabels(told), ...details }).sort(([a], [b]) => byBytes(a, b));
  const body = goJson({
    alias,
    message: cut(texts.message ?? subject(told), LONGEST_MESSAGE),
    ...(said ? { description: said } : {}),
    details: Object.fromEntries(all),
    source,
    ...(who.length > 0 ? { responders: who } : {}),
    ...(tags.length > 0 ? { tags } : {}),
    ...(texts.note ? { note: texts.note } : {}),
    ...(texts.priority ? { priority: texts.priority } : {}),
    ...(texts.entity ? { entity: texts.entity } : {}),
    ...(actions.length > 0 ? { actions } : {}),
  });
  return { path: 'v2/alerts', body };
};
