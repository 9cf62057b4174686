import type { Vm } from './api.ts';

/** Values as people read them; one form of each, for tables and pages alike. */

/** Where a VM is: its host, or its zone or Region. */
export const placeOf = ({ location }: Pick<Vm, 'location'>): string | undefined =>
  location.hostName ?? location.hostId ?? location.zone ?? location.region;

/** The state; beside `unknown` the last one that was seen. */
export const stateOf = ({ state, lastState }: Pick<Vm, 'state' | 'lastState'>): string =>
  state === 'unknown' && lastState !== undefined ? `unknown (was ${lastState})` : state;

/** Whether it is ready, which means something of a running VM only. */
export const readyOf = ({ state, ready }: Pick<Vm, 'state' | 'ready'>): string | undefined => {
  if (state !== 'running') return undefined;
  return { true: 'yes', false: `no (${ready.reason})`, unknown: undefined }[ready.status];
};

/** `512 MiB`, `2 GiB`. */
export const memory = (mebibytes: number): string => {
  if (mebibytes < 1024) return `${mebibytes} MiB`;
  const gibibytes = mebibytes / 1024;
  return `${Number.isInteger(gibibytes) ? gibibytes : gibibytes.toFixed(1)} GiB`;
};

/** `$0.0104`, four decimals as price lists have them for an hour and two for a month. */
export const dollars = (usd: number | null, decimals: 2 | 4): string =>
  usd === null
    ? 'unknown'
    : `$${usd.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })}`;

/** `env=prod, tier=web`. */
export const tagsOf = (tags: Readonly<Record<string, string>>): string =>
  Object.entries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
