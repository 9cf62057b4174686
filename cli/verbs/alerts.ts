import type { Alert, AlertDetail, NewAlert } from '../api.ts';
import type { Verb } from '../command-tree.ts';
import { type EndSaid, endSaid } from '../ends.ts';
import { labelsOf } from '../labels.ts';
import { printItems, printList, printValue } from '../output.ts';
import type { CommonOptions } from '../session.ts';
import { sheet } from '../table.ts';
import { clock } from '../times.ts';
import { alertView } from '../views.ts';

interface Asked extends CommonOptions {
  readonly filter?: readonly string[];
  readonly receiver?: string;
  readonly silenced: boolean;
  readonly inhibited: boolean;
}

/** `alert list`: never paged, as in Alertmanager's API. */
export const listAlerts: Verb<Asked> = async (session, _args, { filter, receiver, silenced, inhibited }) => {
  const query = { filter: filter?.join(','), receiver, silenced, inhibited };
  await printList(session, alertView(Date.now()), await session.client.call('GET /api/v2/alerts', { query }));
  return undefined;
};

interface Raised extends CommonOptions {
  readonly annotation?: readonly string[];
  readonly for?: number;
}

/** `alert add` */
export const addAlert: Verb<Raised> = async (session, words, { annotation = [], for: seconds }) => {
  const now = new Date().toISOString();
  const endsAt = endSaid(seconds === undefined ? {} : { for: seconds }, now);
  const alert: NewAlert = {
    labels: labelsOf(words),
    annotations: labelsOf(annotation),
    startsAt: now,
    ...(endsAt === undefined ? {} : { endsAt }),
  };
  await session.client.call('POST /api/v2/alerts', { body: [alert] });
  session.note('It is raised. Who hears of it: novacron alert list, and novacron route test with the same labels.');
  return undefined;
};

interface Taken extends CommonOptions, EndSaid {
  readonly comment?: string;
}

/** `alert ack` */
export const acknowledgeAlerts: Verb<Taken> = async (session, ids, { comment, ...said }) => {
  const until = endSaid(said, new Date().toISOString());
  const body = { ...(until ? { until } : {}), ...(comment ? { comment } : {}) };
  const taken: Alert[] = [];
  for (const id of ids) {
    taken.push(await session.client.call('POST /v1/alerts/{id}/actions/acknowledge', { path: { id }, body }));
  }
  await printItems(session, alertView(Date.now()), taken);
  return undefined;
};

/** `alert unack` */
export const unacknowledgeAlerts: Verb = async (session, ids) => {
  const given: Alert[] = [];
  for (const id of ids) {
    given.push(await session.client.call('POST /v1/alerts/{id}/actions/unacknowledge', { path: { id } }));
  }
  await printItems(session, alertView(Date.now()), given);
  return undefined;
};

const ENTRY: Readonly<Record<AlertDetail['history'][number]['what'], string>> = {
  fired: 'fires',
  resolved: 'is over',
  acknowledged: 'taken on',
  'given-back': 'given back',
  commented: 'comment',
  assigned: 'assigned',
};

const entryText = ({ what, by, to, text }: AlertDetail['history'][number]): string => {
  const whom = what === 'assigned' ? ` to ${to ?? 'nobody'}` : '';
  return `${ENTRY[what]}${whom}${by === undefined ? '' : ` by ${by}`}${text === undefined ? '' : `: ${text}`}`;
};

const toldText = ({ what, at, failing, heldSince }: AlertDetail['notified'][number]): string =>
  [
    what && at ? `${what}, ${clock(at)}` : 'nothing yet',
    ...(heldSince ? [`hears of it in its next digest, held back since ${clock(heldSince)}`] : []),
    ...(failing ? [`does not take it since ${clock(failing.since)}: ${failing.why}`] : []),
  ].join('; ');

const pageOf = (
  { fingerprint, state, labels, annotations, assigned, history, notified }: AlertDetail,
  heading: (text: string) => string,
): string =>
  sheet(
    [
      ['Alert', `${labels.alertname ?? ''} ${fingerprint}`.trim()],
      ['State', state],
      ['Assigned to', assigned?.to],
      ...Object.entries(labels).map(([name, value]): [string, string] => [name, value]),
      ...Object.entries(annotations).map(([name, value]): [string, string] => [name, value]),
      ...history.map((entry): [string, string] => [clock(entry.at), entryText(entry)]),
      ...notified.map((each): [string, string] => [each.receiver, toldText(each)]),
    ],
    heading,
  );

/** `alert get` */
export const getAlert: Verb = async (session, [id = '']) => {
  const alert = await session.client.call('GET /v1/alerts/{id}', { path: { id } });
  await printValue(session, alert, () => pageOf(alert, (text) => session.paint('bold', text)), alert.fingerprint);
  return undefined;
};

/** `alert comment` */
export const commentAlert: Verb = async (session, [id = '', comment = '']) => {
  await session.client.call('POST /v1/alerts/{id}/actions/comment', { path: { id }, body: { comment } });
  session.note(`It is written down: novacron alert get ${id}`);
  return undefined;
};

/** `alert assign` */
export const assignAlert: Verb = async (session, [id = '', to]) => {
  const body = to === undefined ? {} : { to };
  const alert = await session.client.call('POST /v1/alerts/{id}/actions/assign', { path: { id }, body });
  await printItems(session, alertView(Date.now()), [alert]);
  return undefined;
};
