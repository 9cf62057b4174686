import { dirname } from 'node:path';
import type { ExplainedRouting, Routing } from '../api.ts';
import type { Verb } from '../command-tree.ts';
import { labelsOf } from '../labels.ts';
import { fileText } from '../manifest/file-text.ts';
import { withTemplateFiles } from '../manifest/template-files.ts';
import { printValue } from '../output.ts';
import type { Session } from '../session.ts';
import { type Column, table } from '../table.ts';
import { heldText } from '../views.ts';

const warn = (session: Session, { undelivered }: Routing): void => {
  for (const { receiver, place, why } of undelivered) {
    session.note(`Receiver ${receiver}, ${place}, is told nothing: ${why}.`);
  }
};

/** `route get` */
export const getRoutes: Verb = async (session) => {
  const routing = await session.client.call('GET /v1/routes');
  await printValue(session, routing, () => routing.yaml);
  warn(session, routing);
  return undefined;
};

/** `route set`: with the templates that the file names beside it, or beside us where it comes from standard input. */
export const setRoutes: Verb = async (session, [file = '']) => {
  const yaml = await withTemplateFiles(session.io, await fileText(session.io, file), dirname(file));
  const routing = await session.client.call('POST /v1/routes', { body: { yaml } });
  warn(session, routing);
  session.note(`The routing is set: version ${routing.version}.`);
  return undefined;
};

type Explained = ExplainedRouting['routes'][number];

const SAID: Readonly<Record<Explained['answer'], string>> = {
  receives: 'goes here',
  'passes-on': 'goes on below',
  refuses: 'does not fit',
  'not-asked': 'was taken before',
};

const COLUMNS: readonly Column<Explained>[] = [
  { title: 'ROUTE', value: ({ route }) => `${'  '.repeat(route.split('.').length - 1)}${route}` },
  { title: 'MATCHERS', value: ({ matchers }) => matchers },
  { title: 'RECEIVER', value: ({ receiver }) => receiver },
  { title: '', value: ({ answer }) => SAID[answer] },
  { title: 'BECAUSE OF', value: ({ refusedBy }) => refusedBy.join(', ') || undefined },
];

/** Why such an alert would not be told now. */
const quietBy = ({ mutedBy, silencedBy, inhibitedBy }: ExplainedRouting): string[] => [
  ...mutedBy.map((name) => `its VM is off by ${name}`),
  ...(mutedBy.length > 0 ? [] : silencedBy.map((id) => `silence ${id}`)),
  ...inhibitedBy.map((id) => `alert ${id} keeps it quiet`),
];

/** `route test` */
export const testRoutes: Verb = async (session, words) => {
  const explained = await session.client.call('POST /v1/routes/actions/test', { body: { labels: labelsOf(words) } });
  await printValue(session, explained, () => table(COLUMNS, explained.routes, (text) => session.paint('bold', text)));
  session.note(`Receivers: ${explained.receivers.join(', ')}.`);
  for (const held of explained.heldBack) {
    session.note(`${held.receiver}/${held.way} has been told enough: ${heldText(held)}.`);
  }
  for (const why of quietBy(explained)) session.note(`Nobody would be told now: ${why}.`);
  return undefined;
};
