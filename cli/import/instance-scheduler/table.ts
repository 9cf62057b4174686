import * as z from 'zod';
import { UsageError } from '../../exit-codes.ts';

/** The config table of Instance Scheduler, as `aws dynamodb scan` prints it or the describe commands of its `scheduler-cli`. */

/** What DynamoDB wraps a value in; the scheduler-cli does not. */
const plainOf = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const [[type, inner] = [], ...more] = Object.entries(value);
  if (type === undefined || more.length > 0) return value;
  if (type === 'NULL') return undefined;
  if (type === 'L' && Array.isArray(inner)) return inner.map(plainOf);
  return ['S', 'N', 'BOOL', 'SS', 'NS'].includes(type) ? inner : value;
};

/** Nothing where it is null or an empty text, as there. */
const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => {
    const plain = plainOf(value);
    return plain === null || plain === '' ? undefined : plain;
  }, schema.optional());

const Texts = z.union([z.array(z.string()), z.string().transform((text) => text.split(','))]);
const Flag = z.union([
  z.boolean(),
  z
    .string()
    .toLowerCase()
    .pipe(z.enum(['true', 'false']))
    .transform((text) => text === 'true'),
]);
const Text = optional(z.string());
const Key = z.preprocess(plainOf, z.string().min(1));

const PeriodItem = z.looseObject({
  name: Key,
  begintime: Text,
  endtime: Text,
  weekdays: optional(Texts),
  monthdays: optional(Texts),
  months: optional(Texts),
  description: Text,
  configured_in_stack: Text,
});
export type PeriodItem = z.infer<typeof PeriodItem>;

const ScheduleItem = z.looseObject({
  name: Key,
  description: Text,
  timezone: Text,
  periods: optional(Texts),
  override_status: Text,
  enforced: optional(Flag),
  retain_running: optional(Flag),
  hibernate: optional(Flag),
  stop_new_instances: optional(Flag),
  use_maintenance_window: optional(Flag),
  ssm_maintenance_window: optional(Texts),
  configured_in_stack: Text,
});
export type ScheduleItem = z.infer<typeof ScheduleItem>;

/** Older versions keep what all schedules share here. */
const ConfigItem = z.looseObject({ default_timezone: Text, tagname: Text });
export type ConfigItem = z.infer<typeof ConfigItem>;

const Item = z.looseObject({ type: z.preprocess(plainOf, z.string()) });
const Items = z.array(Item);
const File = z.union([
  z
    .looseObject({ Items, NextToken: z.undefined().optional(), LastEvaluatedKey: z.undefined().optional() })
    .transform((scan) => scan.Items),
  z
    .looseObject({ schedules: Items.optional(), periods: Items.optional() })
    .refine(({ schedules, periods }) => schedules !== undefined || periods !== undefined)
    .transform(({ schedules = [], periods = [] }) => [...schedules, ...periods]),
]);

export interface ConfigTable {
  readonly schedules: readonly ScheduleItem[];
  readonly periods: ReadonlyMap<string, PeriodItem>;
  readonly config: ConfigItem | undefined;
}

const FORM =
  'It is what "aws dynamodb scan --table-name <config table> --output json" prints, whole, or scheduler-cli describe-schedules and describe-periods.';

const read = <T>(schema: z.ZodType<T>, item: object, file: string): T => {
  const found = schema.safeParse(item);
  if (found.success) return found.data;
  const what = found.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new UsageError(`${file}: ${JSON.stringify(item).slice(0, 200)}: ${what}`);
};

const itemsOf = (file: string, text: string): z.infer<typeof Items> => {
  try {
    return File.parse(JSON.parse(text));
  } catch {
    throw new UsageError(`${file} cannot be read. ${FORM}`);
  }
};

/** Reads the table from one file or several. @throws UsageError */
export const readTable = (files: readonly { readonly file: string; readonly text: string }[]): ConfigTable => {
  const items = files.flatMap(({ file, text }) => itemsOf(file, text).map((item) => ({ file, item })));
  const of = <T>(type: string, schema: z.ZodType<T>): T[] =>
    items.flatMap(({ file, item }) => (item.type === type ? [read(schema, item, file)] : []));
  return {
    schedules: of('schedule', ScheduleItem).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    periods: new Map(of('period', PeriodItem).map((period) => [period.name, period])),
    config: of('config', ConfigItem)[0],
  };
};
