import type { Command } from 'commander';
import { leaf, listing, type Runner } from '../command-tree.ts';
import * as parse from '../parse.ts';
import { findAll, findWindow } from '../resolve.ts';
import { declareManifest } from './manifest.ts';
import { withTimes } from './timed.ts';

/** What `create` and `update` both take. */
const withFields = (command: Command): Command =>
  withTimes(command, {
    period: 'when it is open, such as "sun 02:00-04:00"; repeatable',
    closed: 'days on which it does not open; repeatable',
  })
    .option('--silence', 'while it is open, alerts about its VMs are silent')
    .option('--description <text>', 'what it is for');

/** `novacron window …` */
export const declareWindow = (program: Command, run: Runner): void => {
  const { verb } = run;
  const window = program.command('window').description('When VMs may be disturbed: maintenance windows');
  const load = () => import('../verbs/windows.ts');
  listing(leaf(window, 'list', 'List the windows: which are open, and the next opening of each'))
    .alias('ls')
    .action(verb(async () => (await load()).listWindows));
  leaf(window, 'get <window...>', 'Show windows, and their next openings').action(
    verb(async () => (await load()).getWindows),
  );
  withFields(leaf(window, 'create', 'Say when VMs may be disturbed'))
    .argument('<name>', 'its name')
    .action(verb(async () => (await load()).createWindow));
  withFields(leaf(window, 'update <window>', 'Change a window; what is left out stays'))
    .option('--name <name>', 'another name', parse.name)
    .option('--no-calendars', 'refer to no calendar any more')
    .option('--no-silence', 'alerts about its VMs are heard while it is open')
    .action(verb(async () => (await load()).updateWindow));
  leaf(
    window,
    'delete <window...>',
    'Delete windows to which no schedule and no silence refers; their VMs stay as they are',
  )
    .alias('rm')
    .option('-y, --yes', 'do not ask')
    .action(verb(async () => (await load()).deleteWindows));
  declareManifest(window, run, {
    plural: 'windows',
    kind: async () => (await import('../manifest/windows.ts')).windowsOf,
    find: (session, words) => findAll(words, (word) => findWindow(session, word)),
  });
};
