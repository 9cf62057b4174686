import type { Command } from 'commander';
import { leaf, type Runner } from '../command-tree.ts';
import { moment } from '../moments.ts';
import * as parse from '../parse.ts';
import { closure, period } from '../periods.ts';

/** What `create` and `update` both take. */
const withFields = (command: Command): Command =>
  command
    .option('--for <time>', 'how long: 2h, 30m', parse.duration)
    .option('--until <moment>', 'until when: 20:00, "fri 20:00", 2026-11-27T20:00', moment)
    .option('--window <window>', 'again and again, while this window is open')
    .option('--period <days times>', 'again and again: "sun 02:00-04:00"; repeatable', period)
    .option('--zone <zone>', "whose clocks its periods are read from (default: this machine's)")
    .option('--closed <date[..date][=note]>', 'days on which no period begins; repeatable', closure)
    .option('--remind-before <time>', 'how long before its end people are told; 0s is never', parse.duration);

/** `novacron silence …` */
export const declareSilence = (program: Command, { verb }: Runner): void => {
  const silence = program.command('silence').description('Alerts that nobody is to hear of for a while');
  const load = () => import('../verbs/silences.ts');
  leaf(silence, 'list', 'List the silences, those that schedules and windows make among them')
    .alias('ls')
    .option('-f, --filter <matchers>', 'such as team=db; repeatable', parse.each)
    .option('--expired', 'with those that ended within five days')
    .action(verb(async () => (await load()).listSilences));
  leaf(silence, 'get <silence...>', 'Show silences').action(verb(async () => (await load()).getSilences));
  withFields(
    leaf(
      silence,
      'create <matcher...>',
      'Silence alerts whose labels fit all of these: alertname=Down host=~"rack-.*"',
    ),
  )
    .requiredOption('--comment <text>', 'why')
    .option('--from <moment>', 'from when (default: now)', moment)
    .action(verb(async () => (await load()).createSilence));
  withFields(leaf(silence, 'update <silence>', 'Change a silence; what is left out stays. --for is from now'))
    .option('--matcher <matcher>', 'what it is about: team=db; repeatable', parse.each)
    .option('--comment <text>', 'why')
    .action(verb(async () => (await load()).updateSilence));
  leaf(silence, 'expire <silence...>', 'End silences now, for good')
    .option('--occurrence', 'of one that recurs: only what holds now or is next')
    .action(verb(async () => (await load()).expireSilences));
};
