import * as fc from 'fast-check';
import { WindowSpec } from '../../lambdas/domain/maintenance-window.ts';
import { days, name, some, stretch, targets, text, time } from './any-schedule.ts';

const period = fc
  .tuple(days, fc.record({ start: time, stop: fc.oneof(time, fc.constant('24:00')) }))
  .map((parts) => Object.assign({}, ...parts));

/** Any window that the API would take; `vms` are ids of VMs, known or not. */
export const anyWindow = (vms: readonly string[]): fc.Arbitrary<WindowSpec> =>
  fc
    .record(
      {
        name,
        description: text,
        targets: targets(vms),
        timeZone: fc.constantFrom('Europe/Berlin', 'UTC', 'America/New_York', 'Etc/GMT+3'),
        periods: some(period),
        closures: fc.array(stretch, { maxLength: 4 }),
        calendars: fc.array(fc.constantFrom('cal-0123456789abcdef', 'cal-0123456789abcdeg'), { maxLength: 2 }),
      },
      { requiredKeys: ['name', 'targets', 'timeZone', 'periods'] },
    )
    .map((fields) => WindowSpec.safeParse(fields))
    .filter(({ success }) => success)
    .map(({ data }) => WindowSpec.parse(data));
