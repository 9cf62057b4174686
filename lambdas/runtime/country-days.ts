import Holidays from 'date-holidays';
import { Fault } from '../domain/faults.ts';
import { dayNamed } from '../domain/holidays.ts';

/**
 * Public holidays of the world's countries. Its tables are far larger than a function may be: this file is bundled by itself,
 * lies beside the function's code, and is loaded when somebody asks for a country (lib/bundles.ts).
 */

const DAY_MS = 86_400_000;

const refused = (detail: string): Fault =>
  new Fault('InvalidRequest', `${detail}.`, { errors: [{ pointer: '/country', detail }] });

/** @throws Fault InvalidRequest where the tables know no such place */
const tableOf = (country: string): Holidays => {
  const [nation = '', state, region] = country.split('-');
  const known = new Holidays();
  if (!Object.hasOwn(known.getCountries(), nation)) throw refused(`no holidays are known of ${nation}`);
  const states: Record<string, string> = known.getStates(nation) ?? {};
  const within = state === undefined ? {} : (known.getRegions(nation, state) ?? {});
  if (state !== undefined && !Object.hasOwn(states, state)) {
    const some = Object.keys(states).join(', ');
    throw refused(`${nation} has no part ${state}${some === '' ? '' : `; it has ${some}`}`);
  }
  if (region !== undefined && !Object.hasOwn(within, region)) throw refused(`${nation}-${state} has no part ${region}`);
  return new Holidays(nation, state ?? '', region ?? '');
};

/** The public holidays of a country (`DE`) or of a part of it (`DE-BY`) within a window. @throws Fault InvalidRequest, pointing to /country */
export const daysOfCountry = (country: string, [from, to]: readonly [string, string]): string[] => {
  const table = tableOf(country);
  const named = new Map<string, string>();
  for (let year = Number(from.slice(0, 4)); year <= Number(to.slice(0, 4)); year += 1) {
    for (const { date, start, end, type, name } of table.getHolidays(year)) {
      if (type !== 'public') continue;
      const first = Date.parse(`${date.slice(0, 10)}T00:00:00Z`);
      // One that begins at sunset is the day it is named for.
      const count = Math.max(1, Math.round((end.getTime() - start.getTime()) / DAY_MS));
      for (let day = 0; day < count; day += 1) {
        const on = new Date(first + day * DAY_MS).toISOString().slice(0, 10);
        if (from <= on && on <= to && !named.has(on)) named.set(on, dayNamed(on, name));
      }
    }
  }
  return [...named.values()].sort();
};
