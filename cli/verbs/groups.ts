import type { Group, GroupChange } from '../api.ts';
import type { ListOptions, Verb } from '../command-tree.ts';
import { UsageError } from '../exit-codes.ts';
import { printItems } from '../output.ts';
import { findAll, findGroup, findVm } from '../resolve.ts';
import { type CommonOptions, collect, pageAt, type Session } from '../session.ts';
import { sheet } from '../table.ts';
import { groupView } from '../views.ts';
import { confirm } from './confirm.ts';
import { printPages } from './listing.ts';

/** Names of the VMs that are in it now. */
const membersOf = async ({ client }: Session, { name }: Group): Promise<string[]> => {
  const filter = `group=${name}`;
  const all = await collect((cursor) => client.call('GET /v1/vms', { query: { ...pageAt(cursor), filter } }));
  return all.map((vm) => vm.name);
};

const print = async (session: Session, groups: readonly Group[]): Promise<void> => {
  const members = new Map<string, readonly string[]>();
  // Programs get what the API says of a group; who is in it they list.
  if (session.format === 'table') for (const group of groups) members.set(group.id, await membersOf(session, group));
  await printItems(session, groupView(), groups, (group) => {
    const [first = 'none', ...more] = members.get(group.id) ?? [];
    return sheet(
      [
        ['Name', group.name],
        ['Id', group.id],
        ['For', group.description],
        ['Filter', group.filter],
        ['VMs now', first],
        ...more.map((name): [string, string] => ['', name]),
      ],
      (text) => session.paint('bold', text),
    );
  });
};

/** `group list` */
export const listGroups: Verb<ListOptions> = (session, _args, options) =>
  printPages(session, options, groupView(), (query) => session.client.call('GET /v1/groups', { query }));

/** `group get` */
export const getGroups: Verb = async (session, words) => {
  await print(session, await findAll(words, (word) => findGroup(session, word)));
  return undefined;
};

interface Fields extends CommonOptions {
  readonly vm?: readonly string[];
  readonly vms?: false;
  readonly filter?: readonly string[] | false;
  readonly description?: string;
}

const changeOf = async (session: Session, { vm, vms, filter, description }: Fields): Promise<GroupChange> => {
  const found = vm && (await findAll(vm, (word) => findVm(session, word))).map(({ id }) => id);
  const terms = filter === false ? null : filter?.join('&');
  const fields = { vms: vms === false ? [] : found, filter: terms, description };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
};

/** `group create` */
export const createGroup: Verb<Fields> = async (session, [name = ''], options) => {
  const { vms, filter, description } = await changeOf(session, options);
  const said = { ...(vms && { vms }), ...(filter && { filter }), ...(description && { description }) };
  await print(session, [await session.client.call('POST /v1/groups', { body: { name, ...said } })]);
  session.note(`For a schedule: novacron schedule update <schedule> --filter group=${name}`);
  return undefined;
};

/** `group update` */
export const updateGroup: Verb<Fields> = async (session, [word = ''], options) => {
  const body = await changeOf(session, options);
  if (Object.keys(body).length === 0) throw new UsageError('Say what to change, such as --vm or --filter.');
  const { id } = await findGroup(session, word);
  await print(session, [await session.client.call('PATCH /v1/groups/{id}', { path: { id }, body })]);
  return undefined;
};

/** `group delete` */
export const deleteGroups: Verb<CommonOptions & { readonly yes?: true }> = async (session, words, { yes }) => {
  const found = await findAll(words, (word) => findGroup(session, word));
  const names = found.map(({ name }) => name).join(', ');
  if (!yes) await confirm(session.io, `Delete the group${found.length === 1 ? '' : 's'} ${names}?`);
  for (const { id, name } of found) {
    await session.client.call('DELETE /v1/groups/{id}', { path: { id } });
    session.note(`${name} is deleted.`);
  }
  return undefined;
};
