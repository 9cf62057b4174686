import type { Host, Image, Vm } from './api.ts';
import { CliError } from './exit-codes.ts';
import { collect, PAGE_LIMIT, type Session } from './session.ts';
import { didYouMean } from './suggest.ts';

const ID = /^(?:vm|h|img)-[0-9a-hjkmnp-tv-z]{16}$/;

interface Named {
  readonly id: string;
  readonly name: string;
}

interface Kind<T extends Named> {
  readonly noun: string;
  readonly get: (session: Session, id: string) => Promise<T>;
  readonly list: (session: Session, filter: string | undefined) => Promise<T[]>;
}

/** The one thing of this name or id. @throws CliError naming near ones, or all ids where the name is not unique */
const resolve = async <T extends Named>(
  session: Session,
  kind: Kind<T>,
  word: string,
  among: (item: T) => boolean,
): Promise<T> => {
  if (ID.test(word)) return kind.get(session, word);
  const found = (await kind.list(session, `name=${encodeURIComponent(word)}`)).filter((item) => item.name === word);
  const fitting = found.filter(among);
  const meant = fitting.length > 0 ? fitting : found;
  const [only] = meant;
  if (only !== undefined && meant.length === 1) return only;
  if (meant.length > 1) {
    const ids = meant.map(({ id }) => id).join(', ');
    throw new CliError(`${meant.length} ${kind.noun}s are called ${word}: ${ids}.`, {
      next: 'Say which one by its id',
    });
  }
  const names = (await kind.list(session, undefined)).filter(among).map(({ name }) => name);
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
  get: ({ client }, id) => client.call('GET /v1/vms/{id}', { path: { id } }),
  list: ({ client }, filter) => collect((cursor) => client.call('GET /v1/vms', { query: query(filter, cursor) })),
};

const HOSTS: Kind<Host> = {
  noun: 'host',
  get: ({ client }, id) => client.call('GET /v1/hosts/{id}', { path: { id } }),
  list: ({ client }, filter) => collect((cursor) => client.call('GET /v1/hosts', { query: query(filter, cursor) })),
};

const IMAGES: Kind<Image> = {
  noun: 'image',
  get: ({ client }, id) => client.call('GET /v1/images/{id}', { path: { id } }),
  list: ({ client }, filter) => collect((cursor) => client.call('GET /v1/images', { query: query(filter, cursor) })),
};

/** A deleted VM gives its name free, so that only undelete looks among those. */
export const findVm = (session: Session, word: string, deleted = false): Promise<Vm> =>
  resolve(session, VMS, word, (vm) => (vm.state === 'deleted') === deleted);

export const findHost = (session: Session, word: string): Promise<Host> =>
  resolve(session, HOSTS, word, ({ state }) => state !== 'retired');

export const findImage = (session: Session, word: string): Promise<Image> => resolve(session, IMAGES, word, () => true);

/** Finds all before anything is done to one of them. */
export const findAll = <T>(words: readonly string[], find: (word: string) => Promise<T>): Promise<T[]> =>
  Promise.all([...new Set(words)].map(find));
