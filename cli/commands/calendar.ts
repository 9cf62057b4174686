import { type Command, InvalidArgumentError } from 'commander';
import { leaf, listing, type Runner } from '../command-tree.ts';
import * as parse from '../parse.ts';
import { closure } from '../periods.ts';
import { findAll, findCalendar } from '../resolve.ts';
import { declareManifest } from './manifest.ts';

const date = (text: string, before: readonly string[] = []): string[] => {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return [...before, text];
  throw new InvalidArgumentError('It is a date: 2026-12-24.');
};

/** What `create` and `update` both take. */
const withFields = (command: Command): Command =>
  command
    .option('--closed <date[..date][=note]>', 'days of its own; repeatable', closure)
    .option('--open <date>', 'a day of it that does not count; repeatable', date)
    .option('--feed <url>', 'an iCal feed, read four times a day')
    .option('--country <code>', 'the public holidays of a country, or of a part of one: DE, DE-BY')
    .option('--description <text>', 'what it is for');

/** `novacron calendar …` */
export const declareCalendar = (program: Command, run: Runner): void => {
  const calendar = program.command('calendar').description('Named days on which nothing begins, for schedules');
  const { verb } = run;
  const load = () => import('../verbs/calendars.ts');
  listing(leaf(calendar, 'list', 'List the calendars'))
    .alias('ls')
    .action(verb(async () => (await load()).listCalendars));
  leaf(calendar, 'get <calendar...>', 'Show calendars: their days to come, and how it goes with their feeds').action(
    verb(async () => (await load()).getCalendars),
  );
  withFields(leaf(calendar, 'create', 'Name days on which nothing begins'))
    .argument('<name>', 'its name')
    .action(verb(async () => (await load()).createCalendar));
  withFields(leaf(calendar, 'update <calendar>', 'Change a calendar; what is left out stays'))
    .option('--name <name>', 'another name', parse.name)
    .option('--no-feed', 'read no feed any more')
    .option('--no-country', 'leave the holidays of its country out')
    .action(verb(async () => (await load()).updateCalendar));
  leaf(calendar, 'refresh <calendar...>', 'Read their feeds now').action(
    verb(async () => (await load()).refreshCalendars),
  );
  leaf(calendar, 'delete <calendar...>', 'Delete calendars to which no schedule refers')
    .alias('rm')
    .option('-y, --yes', 'do not ask')
    .action(verb(async () => (await load()).deleteCalendars));
  declareManifest(calendar, run, {
    plural: 'calendars',
    kind: async () => (await import('../manifest/calendars.ts')).calendarsOf,
    find: (session, words) => findAll(words, (word) => findCalendar(session, word)),
  });
};
