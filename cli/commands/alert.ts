import type { Command } from 'commander';
import { leaf, type Runner } from '../command-tree.ts';
import * as parse from '../parse.ts';

/** `novacron alert …` */
export const declareAlert = (program: Command, { verb }: Runner): void => {
  const alert = program.command('alert').description('What is wrong now, and who hears of it');
  const load = () => import('../verbs/alerts.ts');
  leaf(alert, 'list', 'List the alerts that fire')
    .alias('ls')
    .option('-f, --filter <matchers>', 'such as severity=critical,team=~"db|web"; repeatable', parse.each)
    .option('--receiver <pattern>', 'only what receivers of such names hear')
    .option('--no-silenced', 'leave out what is silenced')
    .option('--no-inhibited', 'leave out what other alerts keep quiet')
    .action(verb(async () => (await load()).listAlerts));
};
