import { isTimeZone } from '../../../lambdas/domain/civil-time.ts';
import { ScheduleSpec } from '../../../lambdas/domain/schedule.ts';
import type { NewSchedule } from '../../api.ts';
import type { Difference, Imported } from '../difference.ts';
import { namesFrom, tagTerm } from '../names.ts';
import { type Converted, constantOf, periodsFrom, type Scene } from './periods.ts';
import { recurrenceOf } from './recurrence.ts';
import { settingsOf } from './settings.ts';
import type { Rule } from './states.ts';
import type { ConfigTable, PeriodItem, ScheduleItem } from './table.ts';
import { BadExpression } from './terms.ts';

export interface ImportOptions {
  /** Of the VMs; its value is the schedule's name. */
  readonly tagKey: string;
  /** For schedules that name none. */
  readonly zone: string;
  readonly interval: number;
  /** Epoch milliseconds. */
  readonly now: number;
}

const minuteOf = (time: string | undefined): number | undefined => {
  if (time === undefined) return undefined;
  const [, hour, minute] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(time) ?? [];
  if (hour === undefined) throw new BadExpression(`${time} is no time`);
  return Number(hour) * 60 + Number(minute);
};

const ruleOf = (item: PeriodItem): Rule => {
  const [begin, end] = [minuteOf(item.begintime), minuteOf(item.endtime)];
  if (begin !== undefined && end !== undefined && begin > end) {
    throw new BadExpression(`the period ${item.name} ends before it begins`);
  }
  const on = recurrenceOf(item);
  return { on, ...(begin === undefined ? {} : { begin }), ...(end === undefined ? {} : { end }) };
};

const rulesOf = ({ periods = [] }: ScheduleItem, table: ConfigTable): Rule[] => {
  if (periods.length === 0) throw new BadExpression('it has no period, and nothing else that we know starts or stops');
  return periods.map((word) => {
    const item = table.periods.get(word.split('@')[0] ?? word);
    if (item === undefined) throw new BadExpression(`there is no period ${word}`);
    return ruleOf(item);
  });
};

const convertedOf = (item: ScheduleItem, table: ConfigTable, scene: Scene): Converted => {
  const status = item.override_status?.toLowerCase();
  if (status === undefined) return periodsFrom(rulesOf(item, table), scene);
  if (status !== 'running' && status !== 'stopped') throw new BadExpression(`override_status is ${status}`);
  return constantOf(status === 'running' ? 'up' : 'down');
};

/** What became of the periods otherwise than by being written down. */
const toldOf = ({ until, always, unseen }: Converted, { interval }: Scene): Omit<Difference, 'schedule'>[] => [
  ...(until === undefined
    ? []
    : [
        {
          setting: 'periods',
          there:
            'days by weekday and day of the month at once, nearest working days, or one-sided periods of such days',
          here: `the days are written out as dates until ${until}; import again before`,
        },
      ]),
  ...(always === undefined
    ? []
    : [
        {
          setting: 'periods',
          there: `VMs are wanted ${always === 'up' ? 'running' : 'stopped'} at every moment, and are put there once`,
          here: `they are ${always === 'up' ? 'started' : 'stopped'} each day at 00:00 where they are not`,
        },
      ]),
  ...unseen.map((value) => ({
    setting: 'periods',
    value,
    there: `a pause that no run each ${interval} minutes sees`,
    here: 'no pause',
  })),
];

/** Words of others that a description here may not have. */
const plainText = (text: string): string => text.replace(/\{\{|\}\}|[\p{Cc}\p{Cs}]/gu, ' ').slice(0, 500);

interface One {
  readonly schedule?: NewSchedule;
  readonly differences: readonly Difference[];
}

const importOne = (item: ScheduleItem, name: string, table: ConfigTable, options: ImportOptions): One => {
  const zone = item.timezone ?? options.zone;
  const scene: Scene = { zone, now: options.now, interval: options.interval };
  const by = (told: Omit<Difference, 'schedule'>): Difference => ({ schedule: item.name, ...told });
  try {
    if (!isTimeZone(zone)) throw new BadExpression(`there is no time zone ${zone}`);
    if (item.name.includes(',')) throw new BadExpression('a filter cannot name a tag with a comma');
    const converted = convertedOf(item, table, scene);
    const description = plainText(item.description ?? '');
    const schedule = {
      name,
      ...(description === '' ? {} : { description }),
      targets: { filter: tagTerm(options.tagKey, '=', item.name) },
      timeZone: zone,
      periods: [...converted.periods],
      ...(item.hibernate ? { stopMode: 'hibernate' as const } : {}),
    };
    const found = ScheduleSpec.safeParse(schedule);
    if (!found.success) throw new BadExpression(found.error.issues.map(({ message }) => message).join('; '));
    const renamed = name === item.name ? [] : [{ setting: 'name', there: item.name, here: name }];
    const told = [...renamed, ...settingsOf(item, scene), ...toldOf(converted, scene)];
    return { schedule, differences: told.map(by) };
  } catch (error) {
    if (!(error instanceof BadExpression)) throw error;
    const row = { setting: 'schedule', there: error.message, here: 'it is not in the file', leftOut: true as const };
    return { differences: [by(row)] };
  }
};

const ofAll = (table: ConfigTable, interval: number): Difference[] => {
  const used = new Set(table.schedules.flatMap(({ periods = [] }) => periods.map((word) => word.split('@')[0])));
  const unused = [...table.periods.keys()].filter((name) => !used.has(name));
  const all = (told: Omit<Difference, 'schedule'>): Difference => ({ schedule: '*', ...told });
  return [
    all({
      setting: 'interval',
      value: `${interval} min`,
      there: 'acts at its next run, up to so much later',
      here: 'acts within a minute of the time',
    }),
    all({
      setting: 'resources',
      there: 'EC2 instances, RDS, Aurora, Auto Scaling groups',
      here: 'VMs that NovaCron made; the others are left alone',
    }),
    ...(table.schedules.some(({ stop_new_instances: stops }) => stops === undefined)
      ? [
          all({
            setting: 'stop_new_instances',
            there: 'by default a VM that is tagged outside its periods is stopped at once',
            here: "it is stopped at the schedule's next stop",
          }),
        ]
      : []),
    ...(unused.length === 0
      ? []
      : [all({ setting: 'periods', value: unused.join(','), there: 'no schedule has them', here: 'left out' })]),
  ];
};

/** The schedules of a config table, and what is otherwise about them here. */
export const importTable = (table: ConfigTable, options: ImportOptions): Imported => {
  const names = namesFrom(table.schedules.map(({ name }) => name));
  const all = table.schedules.map((item, index) => importOne(item, names[index] ?? item.name, table, options));
  return {
    schedules: all.flatMap(({ schedule }) => (schedule ? [schedule] : [])),
    differences: [...ofAll(table, options.interval), ...all.flatMap(({ differences }) => differences)],
  };
};
