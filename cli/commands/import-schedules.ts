import { type Command, InvalidArgumentError } from 'commander';
import { leaf, type Runner } from '../command-tree.ts';
import * as parse from '../parse.ts';

const INTERVALS = [1, 2, 5, 10, 15, 30, 60];

const interval = (text: string): number => {
  const minutes = INTERVALS.find((each) => String(each) === text);
  if (minutes === undefined) throw new InvalidArgumentError(`It is one of ${INTERVALS.join(', ')}.`);
  return minutes;
};

const day = (text: string, before: readonly string[] = []): string[] => {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return [...before, text];
  throw new InvalidArgumentError('It is a date: 2026-12-25.');
};

const withOutput = (command: Command): Command =>
  command.option('-f, --file <file>', 'where the YAML goes (default: standard output)');

/** `novacron schedule import …` */
export const declareImport = (schedule: Command, { verb, lonely }: Runner): void => {
  const load = () => import('../verbs/import-schedules.ts');
  const from = schedule
    .command('import')
    .description('Make a file for plan and apply of what another scheduler has, and tell what is otherwise');
  withOutput(leaf(from, 'instance-scheduler', 'Of the config table of Instance Scheduler on AWS'))
    .requiredOption(
      '--config <file>',
      'what "aws dynamodb scan" prints of its config table, or scheduler-cli describe-schedules and describe-periods; repeatable, - reads standard input',
      parse.each,
    )
    .option('--tag-key <key>', "tag of the VMs that names a schedule (default: the table's, else Schedule)")
    .option('--zone <zone>', "of schedules that name none (default: the table's, else UTC)")
    .option('--interval <minutes>', 'how often it runs', interval, 5)
    .action(lonely(async () => (await load()).importInstanceScheduler));
  withOutput(
    leaf(from, 'custodian', "Of the tags that Cloud Custodian's offhours policies read, on the VMs of the plane"),
  )
    .option('--tag-key <key>', 'tag of the policies', 'maid_offhours')
    .option('--zone <zone>', 'default_tz of the policies', 'et')
    .option('--onhour <hour>', 'onhour of the policy that starts', parse.whole(0, 23), 7)
    .option('--offhour <hour>', 'offhour of the policy that stops', parse.whole(0, 23), 19)
    .option('--no-weekends', 'weekends: false')
    .option('--weekends-only', 'weekends-only: true')
    .option('--opt-out', 'opt-out: true; VMs without the tag, too')
    .option('--hibernate', 'hibernate: true of the stop action')
    .option('--skip-day <date>', 'of skip-days; repeatable', day)
    .action(verb(async () => (await load()).importCustodian));
};
