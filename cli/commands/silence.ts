import type { Command } from 'commander';
import { leaf, type Runner } from '../command-tree.ts';
import { moment } from '../moments.ts';
import * as parse from '../parse.ts';

/** `novacron silence …` */
export const declareSilence = (program: Command, { verb }: Runner): void => {
  const silence = program.command('silence').description('Alerts that nobody is to hear of for a while');
  const load = () => import('../verbs/silences.ts');
  leaf(silence, 'list', 'List the silences')
    .alias('ls')
    .option('-f, --filter <matchers>', 'such as team=db; repeatable', parse.each)
    .option('--expired', 'with those that ended within five days')
    .action(verb(async () => (await load()).listSilences));
  leaf(silence, 'get <silence...>', 'Show silences').action(verb(async () => (await load()).getSilences));
  leaf(silence, 'create <matcher...>', 'Silence alerts whose labels fit all of these: alertname=Down host=~"rack-.*"')
    .requiredOption('--comment <text>', 'why')
    .option('--for <time>', 'how long: 2h, 30m', parse.duration)
    .option('--until <moment>', 'until when: 20:00, "fri 20:00", 2026-11-27T20:00', moment)
    .option('--from <moment>', 'from when (default: now)', moment)
    .action(verb(async () => (await load()).createSilence));
  leaf(silence, 'expire <silence...>', 'End silences now').action(verb(async () => (await load()).expireSilences));
};
