import { type Command, InvalidArgumentError, Option } from 'commander';
import { leaf, listing, type Runner } from '../command-tree.ts';
import { moment, past } from '../moments.ts';
import { order } from '../orders.ts';
import * as parse from '../parse.ts';
import { findAll, findSchedule } from '../resolve.ts';
import { COUNTED } from '../session.ts';
import { declareImport } from './import-schedules.ts';
import { declareManifest } from './manifest.ts';
import { withTimes } from './timed.ts';

/** A time of the day, or none. */
const digest = (text: string): string => {
  if (/^([01]\d|2[0-3]):[0-5]\d$|^off$/.test(text)) return text;
  throw new InvalidArgumentError('It is a time such as 08:00, or off.');
};

/** How much earlier, or as learned, or not. */
const early = (text: string): number | 'learned' | 'off' => {
  if (text === 'learned' || text === 'off') return text;
  const minutes = Number(text);
  if (Number.isInteger(minutes) && minutes >= 1 && minutes <= 60) return minutes;
  throw new InvalidArgumentError('It is learned, off, or minutes from 1 to 60.');
};

/** What `create` and `update` both take. */
const withFields = (command: Command): Command =>
  withTimes(command, {
    period: 'when they are up, such as "mon-fri 09:00-18:00"; repeatable',
    closed: 'days on which no period begins; repeatable',
  })
    .option('--window <window>', 'a window in which they are up, too; repeatable, or with commas', parse.list)
    .option(
      '--order <node>',
      'who comes up before whom: "db=tag:tier=db" or "db=<vm>,<vm>", "app=tag:tier=app after db delay 30s"; repeatable; none takes it away',
      order,
    )
    .addOption(
      new Option('--missed <rule>', 'what becomes of a time that the plane missed').choices([
        'late',
        'skip',
        'if-still-inside',
      ]),
    )
    .option('--priority <n>', 'of two schedules the higher has the VM, of equals the older', parse.integer)
    .option(
      '--grace <minutes>',
      'how long after its time a VM has to be ready, or off, before people are told',
      parse.whole(1, 240),
    )
    .addOption(
      new Option(
        '--stop-mode <mode>',
        'whether memory is kept at a stop, where it can be: either word means hibernated on EC2, saved on KVM',
      ).choices(['stop', 'hibernate', 'save']),
    )
    .option('--digest <HH:MM>', 'tell people once a day at this time of its zone what it did and saved; or off', digest)
    .option(
      '--early <minutes>',
      'begin starts so long before their time that VMs are ready at it: minutes, learned from the last starts, or off',
      early,
    )
    .option('--description <text>', 'what it is for');

/** By what savings are told apart. */
const savedBy = (text: string): string => {
  if (/^(vm|owner|schedule|tag:.+)$/.test(text)) return text;
  throw new InvalidArgumentError('It is vm, owner, schedule, or tag:<key>.');
};

/** `novacron schedule …` */
export const declareSchedule = (program: Command, run: Runner): void => {
  const { verb } = run;
  const schedule = program.command('schedule').description('When VMs shall be up, on EC2 and on your own hosts alike');
  const load = () => import('../verbs/schedules.ts');
  listing(leaf(schedule, 'list', 'List the schedules'))
    .alias('ls')
    .action(verb(async () => (await load()).listSchedules));
  leaf(schedule, 'get <schedule...>', 'Show schedules: when they act next, and what became of the last time').action(
    verb(async () => (await load()).getSchedules),
  );
  withFields(leaf(schedule, 'create', 'Say when VMs shall be up; it acts from its next time on'))
    .argument('<name>', 'its name')
    .action(verb(async () => (await load()).createSchedule));
  withFields(leaf(schedule, 'update <schedule>', 'Change a schedule; what is left out stays'))
    .option('--name <name>', 'another name', parse.name)
    .option('--no-calendars', 'refer to no calendar any more')
    .option('--no-windows', 'refer to no window any more')
    .action(verb(async () => (await load()).updateSchedule));
  leaf(schedule, 'preview <schedule>', 'What it will do, to which VMs, and what that saves')
    .option('--days <n>', 'how many days (default: 30)', parse.whole(1, 366))
    .option('--from <moment>', 'from when (default: now)', moment)
    .action(verb(async () => (await import('../verbs/preview-schedule.ts')).previewSchedule));
  leaf(schedule, 'savings', 'What schedules really saved, by day', {}, COUNTED)
    .option('--by <what>', 'and by vm, owner, schedule, or tag:<key>', savedBy, 'schedule')
    .option('--days <n>', 'of how many days, to now or --to (default: 30)', parse.whole(1, 400))
    .option('--from <day or moment>', 'from when', past)
    .option('--to <day or moment>', 'until when (default: now)', past)
    .action(verb(async () => (await import('../verbs/savings.ts')).showSavings));
  leaf(schedule, 'override <schedule>', 'Keep its VMs up, or down, until a moment; it ends by itself')
    .addOption(new Option('--want <state>', 'what they shall be').choices(['up', 'down']).makeOptionMandatory())
    .requiredOption('--until <moment>', '4h, 20:00, "fri 20:00", 2026-11-27T20:00', moment)
    .option('--from <moment>', 'from when (default: now)', moment)
    .option('--note <text>', 'why')
    .action(verb(async () => (await load()).overrideSchedule));
  leaf(schedule, 'end-override <schedule>', 'End its overrides now: its periods count again').action(
    verb(async () => (await load()).endOverride),
  );
  leaf(schedule, 'enable <schedule...>', 'Turn schedules on, from their next time on').action(
    verb(async () => (await load()).enableSchedules),
  );
  leaf(schedule, 'disable <schedule...>', 'Turn schedules off; their VMs stay as they are').action(
    verb(async () => (await load()).disableSchedules),
  );
  leaf(schedule, 'delete <schedule...>', 'Delete schedules; their VMs stay as they are')
    .alias('rm')
    .option('-y, --yes', 'do not ask')
    .action(verb(async () => (await load()).deleteSchedules));
  declareImport(schedule, run);
  declareManifest(schedule, run, {
    plural: 'schedules',
    kind: async () => (await import('../manifest/schedules.ts')).schedulesOf,
    find: (session, words) => findAll(words, (word) => findSchedule(session, word)),
  });
};
