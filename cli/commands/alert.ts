import type { Command } from 'commander';
import { leaf, type Runner } from '../command-tree.ts';
import { moment } from '../moments.ts';
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
  leaf(alert, 'add <label=value...>', 'Raise an alert, to try a routing or from a script: alertname=Test severity=page')
    .option('--annotation <name=text>', 'such as summary="a test"; repeatable', parse.each)
    .option('--for <time>', 'how long it fires (default: the resolve timeout of the routing)', parse.duration)
    .action(verb(async () => (await load()).addAlert));
  leaf(
    alert,
    'get <fingerprint>',
    'Show an alert: what has become of it, who did what, and what receivers were told',
  ).action(verb(async () => (await load()).getAlert));
  leaf(
    alert,
    'comment <fingerprint> <text>',
    'Write down something about an alert, for those who look at it later',
  ).action(verb(async () => (await load()).commentAlert));
  leaf(
    alert,
    'assign <fingerprint> [to]',
    'Say who is to see to an alert until it is over; nobody, where no name is given',
  ).action(verb(async () => (await load()).assignAlert));
  leaf(alert, 'ack <fingerprint...>', 'Take alerts on: nobody is reminded of them until they are over')
    .option('--for <time>', 'for so long only: 2h, 30m', parse.duration)
    .option('--until <moment>', 'until then only: 20:00, "fri 20:00", 2026-11-27T20:00', moment)
    .option('--comment <text>', 'what is done about it')
    .action(verb(async () => (await load()).acknowledgeAlerts));
  leaf(alert, 'unack <fingerprint...>', 'Give alerts back: people are reminded of them again').action(
    verb(async () => (await load()).unacknowledgeAlerts),
  );
};
