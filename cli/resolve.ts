import type { CalendarSummary, Group, Host, Image, Rule, Schedule, Vm, Window } from './api.ts';
import { CliError } from './exit-codes.ts';
import { collect, PAGE_LIMIT, type Session } from './session.ts';
import { didYouMean } from './suggest.ts';

const ID = /^(?:vm|h|img|sch|cal|grp|win|rul)-[0-9a-hjkmnp-tv-z]{16}$/;

const DELETED = 'state=deleted';

interface Named {
  readonly id: string;
  readonly name: string;
}

interface Kind<T extends Named> {
  readonly noun: string;
  /** Filters to look under, in this order: the first that finds something is meant. */
  readonly where: readonly string[];
  readonly get: (session: Session, id: string) => Promise<T>;
  readonly list: (session: Session, filter: string | undefined) => Promise<T[]>;
}

/** The one of these that was meant. @throws CliError with all ids where the name is not unique */
const only = <T extends Named>(noun: string, word: string, found: readonly T[]): T | undefined => {
  if (found.length <= 1) return found[0];
  const ids = found.map(({ id }) => id).join(', ');
  throw new CliError(`${found.length} ${noun}s are called ${word}: ${ids}.`, { next: 'Say which one by its id' });
};

/** The one thing of this name or id. @throws CliError naming near ones where there is none */
const resolve = async <T extends Named>(session: Session, kind: Kind<T>, word: string): Promise<T> => {
  if (ID.test(word)) return kind.get(session, word);
  for (const where of kind.where) {
    const filter = [`name=${encodeURIComponent(word)}`, where].filter((term) => term !== '').join('&');
    const found = only(kind.noun, word, await kind.list(session, filter));
    if (found !== undefined) return found;
  }
  const names = (await kind.list(session, kind.where[0] || undefined)).map(({ name }) => name);
  throw new CliError(`There is no ${kind.noun} ${word}.${didYouMean(word, names)}`, {
    next: `See what there is: novacron ${kind.noun.toLowerCase()} list`,
  });
};

const query = (filter: string | undefined, cursor: string | undefined) => ({
  limit: PAGE_LIMIT,
  ...(filter === undefined ? {} : { filter }),
  ...(cursor === undefined ? {} : { cursor }),
});

const VMS: Kind<Vm> = {
  noun: 'VM',
  // The plane lists deleted VMs only when asked for that state.
  where: ['', DELETED],
  get: ({ client }, id) => client.call('GET /v1/vms/{id}', { path: { id } }),
  list: ({ client }, filter) => collect((cursor) => client.call('GET /v1/vms', { query: query(filter, cursor) })),
};

const HOSTS: Kind<Host> = {
  noun: 'host',
  where: ['state!=retired', 'state=retired'],
  get: ({ client }, id) => client.call('GET /v1/hosts/{id}', { path: { id } }),
  list: ({ client }, filter) => collect((cursor) => client.call('GET /v1/hosts', { query: query(filter, cursor) })),
};

const IMAGES: Kind<Image> = {
  noun: 'image',
  where: [''],
  get: ({ client }, id) => client.call('GET /v1/images/{id}', { path: { id } }),
  list: ({ client }, filter) => collect((cursor) => client.call('GET /v1/images', { query: query(filter, cursor) })),
};

const SCHEDULES: Kind<Schedule> = {
  noun: 'schedule',
  where: [''],
  get: ({ client }, id) => client.call('GET /v1/schedules/{id}', { path: { id } }),
  list: ({ client }, filter) => collect((cursor) => client.call('GET /v1/schedules', { query: query(filter, cursor) })),
};

const CALENDARS: Kind<CalendarSummary> = {
  noun: 'calendar',
  where: [''],
  get: ({ client }, id) => client.call('GET /v1/calendars/{id}', { path: { id } }),
  list: ({ client }, filter) => collect((cursor) => client.call('GET /v1/calendars', { query: query(filter, cursor) })),
};

const GROUPS: Kind<Group> = {
  noun: 'group',
  where: [''],
  get: ({ client }, id) => client.call('GET /v1/groups/{id}', { path: { id } }),
  list: ({ client }, filter) => collect((cursor) => client.call('GET /v1/groups', { query: query(filter, cursor) })),
};

const WINDOWS: Kind<Window> = {
  noun: 'window',
  where: [''],
  get: ({ client }, id) => client.call('GET /v1/windows/{id}', { path: { id } }),
  list: ({ client }, filter) => collect((cursor) => client.call('GET /v1/windows', { query: query(filter, cursor) })),
};

const RULES: Kind<Rule> = {
  noun: 'rule',
  where: [''],
  get: ({ client }, id) => client.call('GET /v1/rules/{id}', { path: { id } }),
  list: ({ client }, filter) => collect((cursor) => client.call('GET /v1/rules', { query: query(filter, cursor) })),
};

/** A VM; only where no other has the name, a deleted one. */
export const findVm = (session: Session, word: string): Promise<Vm> => resolve(session, VMS, word);

/** A deleted VM, whose name another may have by now. */
export const findDeletedVm = (session: Session, word: string): Promise<Vm> =>
  resolve(session, { ...VMS, where: [DELETED] }, word);

export const findHost = (session: Session, word: string): Promise<Host> => resolve(session, HOSTS, word);

export const findImage = (session: Session, word: string): Promise<Image> => resolve(session, IMAGES, word);

export const findSchedule = (session: Session, word: string): Promise<Schedule> => resolve(session, SCHEDULES, word);

export const findCalendar = (session: Session, word: string): Promise<CalendarSummary> =>
  resolve(session, CALENDARS, word);

export const findGroup = (session: Session, word: string): Promise<Group> => resolve(session, GROUPS, word);

export const findWindow = (session: Session, word: string): Promise<Window> => resolve(session, WINDOWS, word);

export const findRule = (session: Session, word: string): Promise<Rule> => resolve(session, RULES, word);

/** Finds all before anything is done to one of them. */
export const findAll = <T>(words: readonly string[], find: (word: string) => Promise<T>): Promise<T[]> =>
  Promise.all([...new Set(words)].map(find));
