import { type Command, type CommandOptions, Option } from 'commander';
import type { Io } from './io.ts';
import { duration, each, whole } from './parse.ts';
import { type CommonOptions, FORMATS, type Format, openSession, type Session } from './session.ts';

/** What a command does: with a session, its arguments and options; answers the exit code, or nothing for 0. */
export type Verb<O = CommonOptions> = (
  session: Session,
  args: readonly string[],
  options: O,
) => Promise<number | undefined>;
/** What a command does that needs no plane, or copes without; `program` is the whole tree. */
export type LonelyVerb<O = object> = (
  io: Io,
  args: readonly string[],
  options: O,
  program: Command,
) => Promise<number | undefined>;

/** Joins the declared commands to what they do. Verbs are loaded when they run, so that starting stays quick. */
export interface Runner {
  verb<O extends CommonOptions>(load: () => Promise<Verb<O>>): (this: Command) => Promise<void>;
  lonely<O extends object>(load: () => Promise<LonelyVerb<O>>): (this: Command) => Promise<void>;
}

export interface RunnerHooks {
  /** The session, as soon as there is one: what went wrong is told with it. */
  opened(session: Session): void;
  ended(code: number): void;
}

const rootOf = (command: Command): Command => (command.parent === null ? command : rootOf(command.parent));

/** A runner that opens the session for each verb and hands its exit code on. */
export const runner = (io: Io, { opened, ended }: RunnerHooks): Runner => ({
  verb<O extends CommonOptions>(load: () => Promise<Verb<O>>) {
    return async function (this: Command): Promise<void> {
      const options = this.opts<O>();
      const session = openSession(io, options);
      opened(session);
      const verb = await load();
      ended((await verb(session, this.args, options)) ?? 0);
    };
  },
  lonely<O extends object>(load: () => Promise<LonelyVerb<O>>) {
    return async function (this: Command): Promise<void> {
      const verb = await load();
      ended((await verb(io, this.args, this.opts<O>(), rootOf(this))) ?? 0);
    };
  },
});

const COMMON = 'Common options:';

/** A command of a noun, with the options that all have. */
export const leaf = (
  parent: Command,
  usage: string,
  summary: string,
  options: CommandOptions = {},
  formats: readonly Format[] = FORMATS,
): Command =>
  parent
    .command(usage, options)
    .description(summary)
    .addOption(
      new Option('-o, --output <format>', 'how the result is printed')
        .choices(formats)
        .default('table')
        .helpGroup(COMMON),
    )
    .addOption(new Option('--profile <name>', 'which plane: a stored profile, or local').helpGroup(COMMON))
    .addOption(
      new Option(
        '--project <project>',
        'which project to act in (default: NOVACRON_PROJECT, the profile, your only one)',
      ).helpGroup(COMMON),
    );

export interface ListOptions extends CommonOptions {
  readonly filter?: readonly string[];
  readonly limit?: number;
  readonly all?: true;
}

/** The options of every list. */
export const listing = (command: Command): Command =>
  command
    .option('-f, --filter <terms>', 'such as provider=kvm&state=running, tag:env=prod, name~web; repeatable', each)
    .option('--limit <n>', 'at most so many (default: 100)', whole(1))
    .option('--all', 'every page');

export interface WaitingOptions extends CommonOptions {
  readonly wait: boolean;
  readonly timeout: number;
  readonly dryRun?: true;
}

/** How long a command waits unless told otherwise; longer than any state machine but a cold image fetch. */
const PATIENCE_SECONDS = 900;

const WAITING = 'Waiting:';

/** The options of every command that begins an operation. */
export const waiting = (command: Command): Command =>
  command
    // The default hangs on the negative one, where help does not show it.
    .addOption(
      new Option('--no-wait', 'return once it is accepted, and print the operation').default(true).helpGroup(WAITING),
    )
    .addOption(
      new Option('--wait', 'follow the operation to its end, with live steps; so it is by default').helpGroup(WAITING),
    )
    .addOption(
      new Option('--timeout <time>', 'give up watching after it (exit code 5); the operation goes on')
        .argParser(duration)
        .default(PATIENCE_SECONDS, '15m')
        .helpGroup(WAITING),
    );

/** The order of option groups in help: what is the command's own, what is a provider's, what all have. */
export const groupRank = (heading: string): number => [WAITING, COMMON].indexOf(heading);
