import type { Period, Weekday } from '../../../lambdas/domain/period.ts';
import { ScheduleSpec } from '../../../lambdas/domain/schedule.ts';
import type { NewSchedule, Vm } from '../../api.ts';
import type { Difference, Imported } from '../difference.ts';
import { namesFrom, tagTerm } from '../names.ts';
import { type Hour, type Policy, type Reading, readTag } from './tag.ts';
import { zoneOf } from './zones.ts';

export interface CustodianOptions {
  readonly tagKey: string;
  readonly policy: Policy;
  /** VMs without the tag have the policy's hours. */
  readonly optOut: boolean;
  /** The policy that stops does so with `hibernate: true`. */
  readonly hibernate: boolean;
  /** Days on which nothing is done. */
  readonly skipDays: readonly string[];
}

type TaggedVm = Pick<Vm, 'name' | 'managed' | 'tags'>;

/** VMs of one spelling of the tag: its key is read in any case, its value is ours as it stands. */
interface Group {
  readonly key: string;
  readonly value: string;
  readonly vms: readonly TaggedVm[];
}

const WEEK: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
/** Of a filter. */
const MOST_TERMS = 20;

const groupsOf = (vms: readonly TaggedVm[], tagKey: string): Group[] => {
  const tagged = vms.flatMap((vm) => {
    const [tag] = Object.entries(vm.tags).filter(([key]) => key.toLowerCase() === tagKey.toLowerCase());
    return tag ? [{ key: tag[0], value: tag[1], vm }] : [];
  });
  return [...Map.groupBy(tagged, ({ key, value }) => JSON.stringify([key, value])).values()].flatMap((same) => {
    const [first] = same;
    return first ? [{ key: first.key, value: first.value, vms: same.map(({ vm }) => vm) }] : [];
  });
};

/** A comma in a filter's value means one or the other, so that such a value is looked for as a part, longer ones left out. */
const filterOf = ({ key, value }: Group, groups: readonly Group[]): string | undefined => {
  if (!value.includes(',')) return tagTerm(key, '=', value);
  const has = (other: string) => other.toLowerCase().includes(value.toLowerCase());
  const longer = groups.filter((other) => other.key === key && other.value !== value && has(other.value));
  // Of two that are alike but for case one cannot be told from the other.
  if (longer.length >= MOST_TERMS || longer.some((other) => other.value.length === value.length)) return undefined;
  return [tagTerm(key, '~', value), ...longer.map((other) => tagTerm(key, '!~', other.value))].join('&');
};

const time = (hour: number): string => `${String(hour).padStart(2, '0')}:00`;
const weekdays = (days: readonly number[]): Weekday[] => WEEK.filter((_, index) => days.includes(index));

/** By hour, so that the days of one are one period. */
const byHour = (hours: readonly Hour[]): Hour[] =>
  [...Map.groupBy(hours, ({ hour }) => hour)].map(([hour, same]) => ({ hour, days: same.flatMap(({ days }) => days) }));

const periodsOf = (on: readonly Hour[], off: readonly Hour[]): Period[] => {
  const [starts, stops] = [byHour(on), byHour(off)];
  const [start, stop] = [starts[0], stops[0]];
  const alike = start && stop && starts.length + stops.length === 2 && start.hour < stop.hour;
  if (alike && String(weekdays(start.days)) === String(weekdays(stop.days))) {
    return [{ weekdays: weekdays(start.days), start: time(start.hour), stop: time(stop.hour) }];
  }
  return [
    ...starts.map(({ days, hour }) => ({ weekdays: weekdays(days), start: time(hour) })),
    ...stops.map(({ days, hour }) => ({ weekdays: weekdays(days), stop: time(hour) })),
  ];
};

const isBoth = (on: readonly Hour[], off: readonly Hour[]): boolean =>
  on.some((start) => off.some((stop) => start.hour === stop.hour && start.days.some((day) => stop.days.includes(day))));

interface One {
  readonly schedule?: Omit<NewSchedule, 'name'>;
  readonly told: readonly Omit<Difference, 'schedule'>[];
}

const leftOut = (there: string): One => ({
  told: [{ setting: 'tag', there, here: 'it is not in the file', leftOut: true }],
});

/** A side that the filter cannot read, whose zone is none, does nothing; the other goes on. */
const sides = ({ on, off }: Reading) =>
  [on, off].map((side) => {
    if ('unread' in side) return { zone: undefined, hours: [], why: side.unread };
    const zone = zoneOf(side.zone);
    return zone === undefined
      ? { zone, hours: [], why: `there is no time zone ${side.zone}` }
      : { zone, hours: side.hours, why: undefined };
  });

const oneOf = (
  reading: Reading | undefined,
  filter: string | undefined,
  { hibernate, skipDays }: CustodianOptions,
): One => {
  if (reading === undefined) return { told: [{ setting: 'tag', there: 'opts its VMs out', here: 'no schedule' }] };
  if (filter === undefined) return leftOut('no filter can tell the value from others that are there');
  const [on, off] = sides(reading);
  if (!on || !off || (on.hours.length === 0 && off.hours.length === 0)) {
    return leftOut(`nothing is done: ${on?.why ?? off?.why ?? 'it names no hour'}`);
  }
  if (on.zone !== undefined && off.zone !== undefined && on.zone !== off.zone) {
    return leftOut(`starts are in ${on.zone}, stops in ${off.zone}`);
  }
  const silent = [...(on.hours.length === 0 ? ['starts'] : []), ...(off.hours.length === 0 ? ['stops'] : [])];
  const both = isBoth(on.hours, off.hours);
  return {
    schedule: {
      targets: { filter },
      timeZone: on.zone ?? off.zone ?? 'UTC',
      periods: periodsOf(on.hours, off.hours),
      closures: skipDays.map((from) => ({ from })),
      ...(hibernate ? { stopMode: 'hibernate' } : {}),
    },
    told: [
      ...silent.map((what) => ({ setting: 'tag', there: `it never ${what} them`, here: 'the same' })),
      ...(both ? [{ setting: 'tag', there: 'starts and stops in one hour, in no order', here: 'up holds' }] : []),
    ],
  };
};

const strangers = (vms: readonly TaggedVm[]): Omit<Difference, 'schedule'>[] => {
  const names = vms.filter(({ managed }) => !managed).map(({ name }) => name);
  if (names.length === 0) return [];
  return [
    {
      setting: 'vms',
      value: names.join(','),
      there: 'started and stopped',
      here: 'left alone: NovaCron did not make them',
    },
  ];
};

const GENERAL: readonly Difference[] = [
  {
    schedule: '*',
    setting: 'hours',
    there: 'acts once in the hour, when its policies run; twice in an hour that clocks show twice',
    here: 'acts at its beginning, within a minute; once',
  },
];

const HIBERNATED: Difference = {
  schedule: '*',
  setting: 'hibernate',
  value: 'true',
  there: 'instances that were launched for it are hibernated',
  here: 'stopMode: hibernate: VMs that were created here with hibernate are, others are stopped; so is one whose hibernation fails',
};

/** The schedules that tags of these VMs stand for, and what is otherwise about them here. */
export const importTags = (vms: readonly TaggedVm[], options: CustodianOptions): Imported => {
  const groups = groupsOf(vms, options.tagKey);
  const tagged = new Set(groups.flatMap((group) => group.vms));
  const rest = options.optOut ? [{ key: options.tagKey, value: '', vms: vms.filter((vm) => !tagged.has(vm)) }] : [];
  const all = [
    ...groups.map((group) => ({ ...group, label: group.value, filter: filterOf(group, groups) })),
    ...rest.map((group) => ({ ...group, label: '(no tag)', filter: tagTerm(group.key, '!~', '') })),
  ];
  const names = namesFrom(all.map(({ label }) => `offhours ${label}`));
  const read = all.map((group, index) => {
    const { schedule, told } = oneOf(readTag(group.value, options.policy), group.filter, options);
    const by = (each: Omit<Difference, 'schedule'>): Difference => ({ schedule: group.label, ...each });
    return {
      schedules: schedule ? [ScheduleSpec.parse({ name: names[index], ...schedule })] : [],
      differences: [...told, ...strangers(group.vms)].map(by),
    };
  });
  return {
    schedules: read.flatMap(({ schedules }) => schedules),
    differences: [
      ...GENERAL,
      ...(options.hibernate ? [HIBERNATED] : []),
      ...read.flatMap(({ differences }) => differences),
    ],
  };
};
