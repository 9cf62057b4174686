import type { Difference } from '../difference.ts';
import type { Scene } from './periods.ts';
import type { ScheduleItem } from './table.ts';

/** What Instance Scheduler can be told and a schedule here cannot, or is told otherwise. */

type Told = Omit<Difference, 'schedule'>;

const flag = (item: ScheduleItem, name: keyof ScheduleItem & string, there: string, here: string): Told[] =>
  item[name] === true ? [{ setting: name, value: 'true', there, here }] : [];

/** Attributes that are read, or that say nothing of what happens. */
const KNOWN = new Set([
  ...['type', 'name', 'description', 'timezone', 'periods', 'override_status', 'enforced', 'retain_running'],
  ...['hibernate', 'stop_new_instances', 'use_maintenance_window', 'ssm_maintenance_window', 'configured_in_stack'],
]);

const unread = (item: ScheduleItem): Told[] =>
  Object.entries(item)
    .filter(([name, value]) => !KNOWN.has(name) && value !== null && value !== undefined)
    .map(([setting, value]) => ({
      setting,
      value: JSON.stringify(value),
      there: 'not known to version 3.2.8',
      here: 'nothing',
    }));

const windows = ({ use_maintenance_window: used, ssm_maintenance_window: names = [] }: ScheduleItem): Told[] =>
  names.length === 0 || used === false
    ? []
    : [
        {
          setting: 'ssm_maintenance_window',
          value: names.join(','),
          there: 'VMs are started for these windows of Systems Manager',
          here: 'nobody starts them; make a window for each (novacron window create) and name it in the schedule (windows, or --window)',
        },
      ];

const types = ({ periods = [] }: ScheduleItem): Told[] =>
  periods
    .filter((name) => name.includes('@'))
    .map((value) => ({
      setting: 'periods',
      value,
      there: 'the period names an instance type, to which versions before 3 change the VM',
      here: 'VMs keep their type',
    }));

/** What of a schedule's settings is otherwise here. */
export const settingsOf = (item: ScheduleItem, { zone }: Scene): Told[] => [
  ...flag(
    item,
    'enforced',
    'a VM that somebody starts or stops is put back at the next run',
    "it stays as that person wants it until the schedule's next time",
  ),
  ...flag(
    item,
    'retain_running',
    'a VM that somebody started before a period is not stopped at its end',
    'it is stopped at the end; an override keeps VMs up for longer',
  ),
  ...flag(
    item,
    'hibernate',
    'instances that were launched for it are hibernated',
    'stopMode: hibernate: VMs that were created here with hibernate are, others are stopped; so is one whose hibernation fails',
  ),
  ...flag(
    item,
    'stop_new_instances',
    'a VM that is tagged while the schedule wants it stopped is stopped at once',
    "it is stopped at the schedule's next stop",
  ),
  ...windows(item),
  ...types(item),
  ...(item.timezone === undefined
    ? [{ setting: 'timezone', there: 'the default of the stack', here: `${zone} (say another by --zone)` }]
    : []),
  ...(item.configured_in_stack === undefined
    ? []
    : [
        {
          setting: 'configured_in_stack',
          value: item.configured_in_stack,
          there: 'CloudFormation keeps the schedule',
          here: 'the file keeps it',
        },
      ]),
  ...unread(item),
];
