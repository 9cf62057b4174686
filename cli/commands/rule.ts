import { type Command, Option } from 'commander';
import { STATS } from '../../lambdas/domain/rules/condition.ts';
import { EVENT_NAMES } from '../../lambdas/domain/rules/events.ts';
import { leaf, listing, type Runner } from '../command-tree.ts';
import * as parse from '../parse.ts';
import { findAll, findRule } from '../resolve.ts';
import { declareManifest } from './manifest.ts';

const CONDITION = 'When it holds:';
const condition = (flags: string, description: string): Option => new Option(flags, description).helpGroup(CONDITION);

/** What `create` and `update` both take. */
const withFields = (command: Command): Command =>
  command
    .addOption(condition('--metric <metric>', 'what it looks at, such as vm.cpu.utilization'))
    .addOption(condition('--share-of <metric>', 'divided by this one, such as vm.memory.allocated'))
    .addOption(condition('--stat <stat>', 'of a window: its mean, its least, by how much it changed').choices(STATS))
    .addOption(condition('--over <time>', 'the window, such as 10m'))
    .addOption(condition('--above <value>', 'fires above this').argParser(parse.number))
    .addOption(condition('--at-least <value>', 'fires from this on').argParser(parse.number))
    .addOption(condition('--below <value>', 'fires below this').argParser(parse.number))
    .addOption(condition('--at-most <value>', 'fires at this and below').argParser(parse.number))
    .addOption(condition('--equals <value>', 'fires at this').argParser(parse.number))
    .addOption(condition('--differs <value>', 'fires at all but this').argParser(parse.number))
    .addOption(condition('--clear <value>', 'once it fires, until it is not even beyond this').argParser(parse.number))
    .addOption(condition('--absent <metric>', 'fires where no sample of this comes for as long as --for says'))
    .addOption(condition('--unusual <width>', 'fires so many deviations from what is usual').argParser(parse.number))
    .addOption(condition('--weeks <count>', 'of how many weeks (default: 4)').argParser(parse.whole(1, 8)))
    .addOption(
      condition('--event <event>', 'the plane itself says that it is so, or has happened').choices(EVENT_NAMES),
    )
    .addOption(condition('--all <rules>', 'made of rules: all of these fire').argParser(parse.list))
    .addOption(condition('--any <rules>', 'one of these fires').argParser(parse.list))
    .addOption(condition('--none <rules>', 'none of these fires').argParser(parse.list))
    .addOption(condition('--equal <labels>', 'the labels in which their subjects agree').argParser(parse.list))
    .option('--for <time>', 'how long it must hold, such as 10m')
    .option('--keep-firing-for <time>', 'how long it fires on once it holds no more')
    .option('--datapoints <m/n>', 'how many of the last samples must break it: 3/5', parse.fraction)
    .option('--matcher <matcher>', 'the VMs or hosts that it is about: tag_env="prod"; repeatable', parse.each)
    .option('--label <key=value>', 'on its alerts: severity=critical; repeatable', parse.pair)
    .option('--summary <text>', 'what its alerts say; takes {{ $labels.vm }} and {{ $value }}')
    .option('--runbook <url>', 'where to read what to do')
    .option('--description <text>', 'what it is for');

/** `novacron rule …` */
export const declareRule = (program: Command, run: Runner): void => {
  const { verb } = run;
  const rule = program.command('rule').description('When alerts fire, by what VMs and hosts measure');
  const load = () => import('../verbs/rules.ts');
  listing(leaf(rule, 'list', 'List the rules, those that come with the plane among them'))
    .alias('ls')
    .action(verb(async () => (await load()).listRules));
  leaf(rule, 'get <rule...>', 'Show rules').action(verb(async () => (await load()).getRules));
  withFields(leaf(rule, 'create', 'Say when an alert is to fire'))
    .argument('<name>', 'its name, which stays')
    .option('--disable', 'turned off, for now')
    .action(verb(async () => (await load()).createRule));
  withFields(leaf(rule, 'update <rule>', 'Change a rule; what is left out stays, its condition as a whole'))
    .option('--enable', 'turn it on')
    .option('--disable', 'turn it off')
    .option('--no-matchers', 'it is about all of them')
    .action(verb(async () => (await load()).updateRule));
  leaf(rule, 'test [rule]', 'Tell what a rule would have said of a VM or host, by what was measured of it')
    .option('-f, --file <path>', 'the rule of this name in a file, or its only one; - for standard input')
    .addOption(new Option('--vm <vm>', 'of this VM').conflicts('host'))
    .option('--host <host>', 'of this host')
    .option('--since <time>', 'from so long ago, at most 24h', parse.duration, 7200)
    .addOption(new Option('--expect <what>', 'fail where it would have done otherwise').choices(['firing', 'quiet']))
    .action(verb(async () => (await import('../verbs/test-rule.ts')).testRule));
  leaf(rule, 'delete <rule...>', 'Delete rules that no other is made of; one that comes with the plane is as it came')
    .alias('rm')
    .option('-y, --yes', 'do not ask')
    .action(verb(async () => (await load()).deleteRules));
  declareManifest(rule, run, {
    plural: 'rules',
    kind: async () => (await import('../manifest/rules.ts')).rulesOf,
    find: (session, words) => findAll(words, (word) => findRule(session, word)),
  });
};
