import type { Command } from 'commander';
import { leaf, listing, type Runner } from '../command-tree.ts';
import * as parse from '../parse.ts';
import { findAll, findGroup } from '../resolve.ts';
import { declareManifest } from './manifest.ts';

/** What `create` and `update` both take. */
const withFields = (command: Command): Command =>
  command
    .option('--vm <vm>', 'a VM that is in it; repeatable, or with commas', parse.list)
    .option('-f, --filter <terms>', 'and every VM that these hold for: tag:app=shop; repeatable', parse.each)
    .option('--description <text>', 'what it is for');

/** `novacron group …` */
export const declareGroup = (program: Command, run: Runner): void => {
  const { verb } = run;
  const group = program.command('group').description('Named VMs, for schedules and filters: group=<name>');
  const load = () => import('../verbs/groups.ts');
  listing(leaf(group, 'list', 'List the groups'))
    .alias('ls')
    .action(verb(async () => (await load()).listGroups));
  leaf(group, 'get <group...>', 'Show groups, and who is in them now').action(
    verb(async () => (await load()).getGroups),
  );
  withFields(leaf(group, 'create', 'Name VMs, one by one, by a filter, or both'))
    .argument('<name>', 'its name, which stays')
    .action(verb(async () => (await load()).createGroup));
  withFields(leaf(group, 'update <group>', 'Change who is in a group; what is left out stays'))
    .option('--no-vms', 'name no VM one by one any more')
    .option('--no-filter', 'go by no filter any more')
    .action(verb(async () => (await load()).updateGroup));
  leaf(group, 'delete <group...>', 'Delete groups that no schedule is about; their VMs stay as they are')
    .alias('rm')
    .option('-y, --yes', 'do not ask')
    .action(verb(async () => (await load()).deleteGroups));
  declareManifest(group, run, {
    plural: 'groups',
    kind: async () => (await import('../manifest/groups.ts')).groupsOf,
    find: (session, words) => findAll(words, (word) => findGroup(session, word)),
  });
};
