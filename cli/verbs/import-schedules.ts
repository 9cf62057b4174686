import { writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { ScheduleSpec } from '../../lambdas/domain/schedule.ts';
import type { LonelyVerb, Verb } from '../command-tree.ts';
import { CliError, EXIT, UsageError } from '../exit-codes.ts';
import { importTags } from '../import/custodian/convert.ts';
import { zoneOf } from '../import/custodian/zones.ts';
import type { Difference, Imported } from '../import/difference.ts';
import { importTable } from '../import/instance-scheduler/convert.ts';
import { readTable } from '../import/instance-scheduler/table.ts';
import type { Io } from '../io.ts';
import { fileText } from '../manifest/file-text.ts';
import { SCHEDULE_FILE } from '../manifest/schedules.ts';
import { fileOf } from '../manifest/write.ts';
import { type Paint, paintFor } from '../paint.ts';
import { type CommonOptions, collect, pageAt } from '../session.ts';

interface ImportOptions extends CommonOptions {
  readonly file?: string;
}

const differenceText = ({ setting, value, there, here }: Difference): string =>
  `  ${setting}${value === undefined ? '' : `=${value}`}\n    there  ${there}\n    here   ${here}\n`;

/** Schedule by schedule, for a terminal of any width. */
const reportText = (differences: readonly Difference[], paint: Paint): string =>
  [...Map.groupBy(differences, ({ schedule }) => schedule)]
    .map(([name, all]) => `${paint('bold', name === '*' ? 'All' : name)}\n${all.map(differenceText).join('')}`)
    .join('');

const write = async (file: string, text: string): Promise<void> => {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new CliError(`${file} cannot be written.`, { cause: error });
  }
};

/** The file to standard output or where it is wanted, and what differs beside it. Nothing of it is done at the plane. */
const print = async (
  io: Io,
  { file, output }: ImportOptions,
  { schedules, differences }: Imported,
): Promise<number> => {
  const specs = schedules.map((schedule) => ScheduleSpec.parse(schedule));
  const content = await fileOf(SCHEDULE_FILE, specs);
  const yaml = stringify(content, { lineWidth: 0 });
  if (file !== undefined) await write(file, yaml);
  if (output === 'json') {
    io.stdout.write(`${JSON.stringify({ ...content, differences }, null, 2)}\n`);
  } else {
    if (file === undefined) io.stdout.write(yaml);
    io.stderr.write(`What is otherwise here:\n${reportText(differences, paintFor(io.stderr, io.env))}`);
    io.stderr.write(`Nothing is changed yet: novacron schedule plan -f ${file ?? 'FILE'}\n`);
  }
  return differences.some(({ leftOut }) => leftOut) ? EXIT.failed : EXIT.ok;
};

interface TableOptions extends ImportOptions {
  readonly config: readonly string[];
  readonly tagKey?: string;
  readonly zone?: string;
  readonly interval: number;
}

/** `schedule import instance-scheduler` */
export const importInstanceScheduler: LonelyVerb<TableOptions> = async (io, _words, options) => {
  const files = await Promise.all(options.config.map(async (file) => ({ file, text: await fileText(io, file) })));
  const found = readTable(files);
  const { default_timezone: zone, tagname } = found.config ?? {};
  const imported = importTable(found, {
    tagKey: options.tagKey ?? tagname ?? 'Schedule',
    zone: options.zone ?? zone ?? 'UTC',
    interval: options.interval,
    now: Date.now(),
  });
  return print(io, options, imported);
};

interface TagOptions extends ImportOptions {
  readonly tagKey: string;
  readonly zone: string;
  readonly onhour: number;
  readonly offhour: number;
  readonly weekends: boolean;
  readonly weekendsOnly?: true;
  readonly optOut?: true;
  readonly hibernate?: true;
  readonly skipDay?: readonly string[];
}

/** `schedule import custodian` */
export const importCustodian: Verb<TagOptions> = async (session, _words, options) => {
  if (zoneOf(options.zone) === undefined) throw new UsageError(`There is no time zone ${options.zone}.`);
  const { client, io } = session;
  const vms = await collect((cursor) => client.call('GET /v1/vms', { query: pageAt(cursor) }));
  const { zone, onhour, offhour, weekends, weekendsOnly = false, optOut = false, skipDay = [] } = options;
  const { hibernate = false } = options;
  const policy = { zone, onhour, offhour, weekends, weekendsOnly };
  return print(io, options, importTags(vms, { tagKey: options.tagKey, policy, optOut, hibernate, skipDays: skipDay }));
};
