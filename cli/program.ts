import { readFileSync } from 'node:fs';
import { Command, CommanderError, Help, type Option } from 'commander';
import { ApiError } from './api-client.ts';
import { groupRank, type Runner, runner } from './command-tree.ts';
import { declareAlert } from './commands/alert.ts';
import { declareAudit } from './commands/audit.ts';
import { declareCalendar } from './commands/calendar.ts';
import { declareChannel } from './commands/channel.ts';
import { declareGroup } from './commands/group.ts';
import { declareHost } from './commands/host.ts';
import { declareImage } from './commands/image.ts';
import { declareOperation } from './commands/operation.ts';
import { declarePlane } from './commands/plane.ts';
import { declareProject } from './commands/project.ts';
import { declareRoute } from './commands/route.ts';
import { declareRule } from './commands/rule.ts';
import { declareSchedule } from './commands/schedule.ts';
import { declareSilence } from './commands/silence.ts';
import { declareVm } from './commands/vm.ts';
import { declareWindow } from './commands/window.ts';
import { EXIT, UsageError } from './exit-codes.ts';
import { explain, explanationLines } from './explain.ts';
import type { Io } from './io.ts';
import { paintFor } from './paint.ts';
import type { Session } from './session.ts';

const EXIT_CODES = `
Exit codes: 0 done, 1 failed, 2 wrong use, 3 a plan would change something, 4 not allowed, 5 timed out.
The plane is found by --profile, NOVACRON_URL and NOVACRON_TOKEN, the current profile, or npm start beside this package.`;

/** The whole command tree: what parses, what help and completion are made of. */
export const declareProgram = (io: Io, run: Runner): Command => {
  const program = new Command('novacron')
    .description('Virtual machines on Amazon EC2 and on your own KVM hosts, by one control plane.')
    .version(versionOf(), '-V, --version')
    .helpCommand(false)
    .configureHelp({
      groupItems<T extends Command | Option>(all: T[], visible: T[], groupOf: (item: T) => string): Map<string, T[]> {
        const groups = new Help().groupItems(all, visible, groupOf);
        return new Map([...groups].sort(([a], [b]) => groupRank(a) - groupRank(b)));
      },
    })
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      // Told by `report`, with the usage line.
      outputError: () => {},
    })
    .exitOverride()
    .addHelpText('after', EXIT_CODES);
  declareVm(program, run);
  declareHost(program, run);
  declareImage(program, run);
  declareOperation(program, run);
  declareSchedule(program, run);
  declareCalendar(program, run);
  declareGroup(program, run);
  declareWindow(program, run);
  declareRule(program, run);
  declareAlert(program, run);
  declareSilence(program, run);
  declareRoute(program, run);
  declareChannel(program, run);
  declareProject(program, run);
  declareAudit(program, run);
  declarePlane(program, run);
  return program;
};

const versionOf = (): string => {
  const file = new URL('../package.json', import.meta.url);
  // Our own manifest.
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
};

/** The command that the words lead to, for the usage line of what went wrong in it. */
const commandOf = (program: Command, words: readonly string[]): Command => {
  let command = program;
  for (const word of words) {
    const next = command.commands.find((each) => each.name() === word || each.aliases().includes(word));
    if (next === undefined) break;
    command = next;
  }
  return command;
};

/** `novacron vm list [options]`, without the aliases that commander writes beside the name. */
const usageOf = (command: Command): string =>
  `Usage: ${command.createHelp().commandUsage(command).replace(/\|\w+/g, '')}\n`;

/** Fields of bodies whose option is called otherwise. */
const FLAGS: Readonly<Record<string, string>> = {
  memoryMiB: '--memory',
  diskGiB: '--disk',
  sshKeys: '--ssh-key',
  tags: '--tag',
  readyTimeoutSeconds: '--ready-timeout',
  graceSeconds: '--grace',
  osVariant: '--os',
  minDiskGiB: '--min-disk',
  minMemoryMiB: '--min-memory',
};

/** `--memory` for `/memoryMiB`; what no option stands for stays a pointer. */
const flagOf = (command: Command, pointer: string): string => {
  const field = pointer.replace(/^(?:\/|query\/|path\/)/, '').split('/')[0] ?? '';
  const option = command.options.find((each) => each.attributeName() === field);
  return FLAGS[field] ?? option?.long ?? pointer;
};

const refusedFields = (error: unknown, command: Command): string[] =>
  error instanceof ApiError && error.status === 400
    ? (error.problem?.errors ?? []).map(({ pointer, detail }) => `${flagOf(command, pointer)}: ${detail}`)
    : [];

/** Says what went wrong on standard error; answers the exit code. */
const report = (io: Io, command: Command, error: unknown, session: Session | undefined): number => {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.ok;
    // A noun without its verb: commander has printed the help already.
    if (error.code !== 'commander.help') io.stderr.write(`${error.message}\n${usageOf(command)}`);
    return EXIT.usage;
  }
  if (error instanceof UsageError) {
    io.stderr.write(`error: ${error.message}\n${usageOf(command)}`);
    return EXIT.usage;
  }
  if (io.interrupted.aborted) return EXIT.interrupted;
  const explanation = explain(error, session?.plane);
  const fields = refusedFields(error, command);
  const details = fields.length > 0 ? fields : explanation.details;
  io.stderr.write(explanationLines({ ...explanation, details }, paintFor(io.stderr, io.env)));
  if (fields.length === 0) return explanation.exitCode;
  io.stderr.write(usageOf(command));
  return EXIT.usage;
};

/** Runs one command line (without `node novacron`) and answers its exit code; never throws. */
export const run = async (argv: readonly string[], io: Io): Promise<number> => {
  let code: number = EXIT.ok;
  let session: Session | undefined;
  const hooks = {
    opened(each: Session) {
      session = each;
    },
    ended(each: number) {
      code = each;
    },
  };
  const program = declareProgram(io, runner(io, hooks));
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    return report(io, commandOf(program, argv), error, session);
  }
};
