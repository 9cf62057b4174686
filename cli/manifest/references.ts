import type * as z from 'zod';
import { CalendarId, VmId, WindowId } from '../../lambdas/domain/ids.ts';
import { collect, pageAt, type Session } from '../session.ts';
import { didYouMean } from '../suggest.ts';
import { type Form, FormError } from './kind.ts';

interface Named {
  readonly id: string;
  readonly name: string;
}

/** Things that another one refers to by their ids, and that people call by their names. */
export interface References {
  /** Ids of these words, each a name or an id; `path` is where the words stand. @throws FormError */
  ids(words: readonly string[], path: readonly PropertyKey[]): Promise<string[]>;
  /** Names of these ids; an id where the name would be another thing's, too, or would be read as an id. */
  names(ids: readonly string[]): Promise<string[]>;
}

/** All of them are listed at most once, and not where nobody asks for a name. */
export const references = (noun: string, id: z.ZodType<string>, list: () => Promise<readonly Named[]>): References => {
  let listed: Promise<Map<string, Named[]>> | undefined;
  const byName = (): Promise<Map<string, Named[]>> => {
    listed ??= list().then((all) => Map.groupBy(all, ({ name }) => name));
    return listed;
  };
  const isId = (word: string): boolean => id.safeParse(word).success;
  const idOf = (known: Map<string, Named[]>, word: string, path: readonly PropertyKey[]): string => {
    const [found, ...more] = known.get(word) ?? [];
    if (found === undefined) throw new FormError(path, `there is no ${noun} ${word}.${didYouMean(word, known.keys())}`);
    if (more.length === 0) return found.id;
    const ids = [found, ...more].map((each) => each.id).join(' or ');
    throw new FormError(path, `${more.length + 1} ${noun}s are called ${word}: say which by its id, ${ids}`);
  };
  return {
    ids: async (words, path) => {
      if (words.every(isId)) return [...words];
      const known = await byName();
      return words.map((word, index) => (isId(word) ? word : idOf(known, word, [...path, index])));
    },
    names: async (ids) => {
      if (ids.length === 0) return [];
      const unique = [...(await byName()).values()].filter((all) => all.length === 1).flat();
      const names = new Map(unique.filter(({ name }) => !isId(name)).map((each) => [each.id, each.name]));
      return ids.map((each) => names.get(each) ?? each);
    },
  };
};

/** A list of texts; nothing where it is none, and the API's schema will say so. */
export const wordsIn = (value: unknown): string[] | undefined =>
  Array.isArray(value) && value.every((word) => typeof word === 'string') ? value : undefined;

/** A list of these, by their names. */
export const namedForm = (those: References): Form => ({
  read: async (value) => {
    const words = wordsIn(value);
    return words === undefined ? value : those.ids(words, []);
  },
  write: async (value) => {
    const ids = wordsIn(value);
    return ids === undefined ? value : those.names(ids);
  },
});

/** The same of the VMs in a value that has others beside them. */
export const withVms = async (
  value: unknown,
  each: (words: readonly string[]) => Promise<string[]>,
): Promise<unknown> => {
  const words = wordsIn(Object(value).vms);
  return words === undefined ? value : { ...Object(value), vms: await each(words) };
};

/** Whom something is about, VMs by their names. */
export const targetsForm = (vms: References): Form => ({
  read: (value) => withVms(value, (words) => vms.ids(words, ['vms'])),
  write: (value) => withVms(value, vms.names),
});

/** Calendars. */
export const calendarReferences = ({ client }: Session): References =>
  references('calendar', CalendarId, () =>
    collect((cursor) => client.call('GET /v1/calendars', { query: pageAt(cursor) })),
  );

/** Windows. */
export const windowReferences = ({ client }: Session): References =>
  references('window', WindowId, () => collect((cursor) => client.call('GET /v1/windows', { query: pageAt(cursor) })));

/** VMs. */
export const vmReferences = ({ client }: Session): References =>
  references('VM', VmId, () => collect((cursor) => client.call('GET /v1/vms', { query: pageAt(cursor) })));
