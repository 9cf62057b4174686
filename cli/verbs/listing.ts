import type { Page } from '../api.ts';
import type { ListOptions } from '../command-tree.ts';
import { printList, type View } from '../output.ts';
import { collect, PAGE_LIMIT, type Session } from '../session.ts';

export interface PageQuery {
  readonly filter?: string;
  readonly limit: number;
  readonly cursor?: string;
}

const queryOf = (options: ListOptions, cursor: string | undefined): PageQuery => ({
  limit: Math.min(PAGE_LIMIT, options.limit ?? PAGE_LIMIT),
  ...(options.filter === undefined ? {} : { filter: options.filter.join('&') }),
  ...(cursor === undefined ? {} : { cursor }),
});

/** Prints one page of a list, or with --all every one; says so where there is more. */
export const printPages = async <T>(
  session: Session,
  options: ListOptions,
  view: View<T>,
  page: (query: PageQuery) => Promise<Page<T>>,
): Promise<undefined> => {
  if (options.all) {
    const items = await collect((cursor) => page(queryOf(options, cursor)));
    await printList(session, view, options.limit === undefined ? items : items.slice(0, options.limit));
    return;
  }
  const { items, cursor } = await page(queryOf(options, undefined));
  await printList(session, view, items);
  if (cursor !== undefined) session.note('There are more: --all lists every one, --filter the ones you mean.');
};
