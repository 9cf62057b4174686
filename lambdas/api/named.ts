/** Names enough to act on, not a page of them. */
const MOST_NAMED = 20;

/** What refers to something, with the word for it: two kinds may have one name. */
export const called = ({ id, name }: { readonly id: string; readonly name: string }): string =>
  `${id.startsWith('win-') ? 'window' : 'schedule'} ${name}`;

/** Those that hold something, in words: one's own by name, others' only counted. */
export const named = (own: readonly string[], others: number): string => {
  const words = own.slice(0, MOST_NAMED).join(', ') + (own.length > MOST_NAMED ? ', …' : '');
  if (others === 0) return words;
  return words === '' ? `${others} of other projects` : `${words}, and ${others} of other projects`;
};
