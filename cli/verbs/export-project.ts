import type { Page, VmEvent } from '../api.ts';
import { everyItem } from '../api-client.ts';
import type { Verb } from '../command-tree.ts';
import { type CommonOptions, openSession, PAGE_LIMIT, type Session } from '../session.ts';

type Cursor = { readonly limit: number; readonly cursor?: string };

/** All of a list, of every page, as the caller takes it. */
const all = <T>(page: (query: Cursor) => Promise<Page<T>>): AsyncIterable<T> =>
  everyItem((cursor) => page({ limit: PAGE_LIMIT, ...(cursor === undefined ? {} : { cursor }) }));

type Noun =
  | 'project'
  | 'token'
  | 'vm'
  | 'event'
  | 'operation'
  | 'schedule'
  | 'calendar'
  | 'group'
  | 'window'
  | 'rule'
  | 'entry';
type Write = (noun: Noun, row: object) => void;

/** Those that live, then those that are deleted and still known, each with its events. */
const writeVms = async ({ client }: Session, write: Write): Promise<void> => {
  for (const filter of ['', 'state=deleted']) {
    const listed = { ...(filter === '' ? {} : { filter }) };
    for await (const vm of all((query) => client.call('GET /v1/vms', { query: { ...query, ...listed } }))) {
      write('vm', vm);
      const path = { id: vm.id };
      const events = all<VmEvent>((query) => client.call('GET /v1/vms/{id}/events', { path, query }));
      for await (const event of events) write('event', event);
    }
  }
};

/** `project export`: a line of JSON for each thing that the plane holds of a project, as its API shows it. No secret is among them. */
export const exportProject: Verb<CommonOptions> = async ({ io }, [project = ''], options) => {
  const session = openSession(io, { ...options, project });
  const { client } = session;
  const write: Write = (noun, row) => void io.stdout.write(`${JSON.stringify({ [noun]: row })}\n`);
  const found = await client.call('GET /v1/projects/{id}', { path: { id: project } });
  write('project', { ...found, exportedAt: new Date().toISOString() });
  for await (const token of all((query) => client.call('GET /v1/tokens', { query }))) write('token', token);
  await writeVms(session, write);
  for await (const operation of all((query) => client.call('GET /v1/operations', { query }))) {
    write('operation', operation);
  }
  for await (const schedule of all((query) => client.call('GET /v1/schedules', { query }))) write('schedule', schedule);
  for await (const calendar of all((query) => client.call('GET /v1/calendars', { query }))) write('calendar', calendar);
  for await (const group of all((query) => client.call('GET /v1/groups', { query }))) write('group', group);
  for await (const window of all((query) => client.call('GET /v1/windows', { query }))) write('window', window);
  const own = { filter: 'builtIn=false' };
  for await (const rule of all((query) => client.call('GET /v1/rules', { query: { ...query, ...own } })))
    write('rule', rule);
  const entries = all((query) => client.call('GET /v1/audit', { query: { ...query, order: 'oldest' } }));
  for await (const entry of entries) write('entry', entry);
  return undefined;
};
