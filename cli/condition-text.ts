import type { Rule } from './api.ts';

/** When a rule holds, as people say it. */

type When = Rule['when'];

const bandText = ({ metric, band }: Extract<When, { band: object }>): string => {
  const side = band.side === 'both' ? 'outside of' : band.side;
  const least = band.atLeast === undefined ? '' : `, at least ${band.atLeast}`;
  return `${metric} ${side} what is usual at that hour (${band.weeks}w, ${band.width} deviations${least})`;
};

const thresholdText = ({ metric, of, stat, over, op, value, clear }: Extract<When, { op: string }>): string => {
  const share = of === undefined ? metric : `${metric} / ${of}`;
  const series = stat === 'last' ? share : `${stat}(${share}[${over}])`;
  return `${series} ${op} ${value}${clear === undefined ? '' : `, until not ${op} ${clear}`}`;
};

const compositeText = ({ all, any, not, equal }: Extract<When, { all?: unknown }>): string =>
  [
    all && `all of ${all.join(', ')}`,
    any && `any of ${any.join(', ')}`,
    not && `none of ${not.join(', ')}`,
    equal && `of equal ${equal.join(', ')}`,
  ]
    .filter((part) => part !== undefined)
    .join('; ');

/** `avg(vm.cpu.utilization[15m]) > 0.95, until not > 0.9` */
export const conditionText = (when: When): string => {
  if ('always' in when) return 'always';
  if ('event' in when) return `the event ${when.event}`;
  if ('absent' in when) return `no ${when.absent}`;
  if ('band' in when) return bandText(when);
  return 'metric' in when ? thresholdText(when) : compositeText(when);
};
