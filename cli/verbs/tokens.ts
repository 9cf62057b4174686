import type { Token } from '../api.ts';
import type { ListOptions, Verb } from '../command-tree.ts';
import { CliError } from '../exit-codes.ts';
import { printValue } from '../output.ts';
import { type CommonOptions, collect, pageAt, type Session } from '../session.ts';
import { didYouMean } from '../suggest.ts';
import { clock } from '../times.ts';
import { tokenView } from '../views.ts';
import { confirm } from './confirm.ts';
import { printPages } from './listing.ts';

const DAY_SECONDS = 86_400;

/** `token create`: the secret is the only thing on standard output, so that it can be piped. */
export const createToken: Verb<
  CommonOptions & { readonly name: string; readonly role: Token['role']; readonly expires?: number }
> = async (session, _args, { name, role, expires }) => {
  const days = expires === undefined ? {} : { expiresInDays: Math.max(1, Math.ceil(expires / DAY_SECONDS)) };
  const token = await session.client.call('POST /v1/tokens', { body: { name, role, ...days } });
  await printValue(session, token, () => `${token.token ?? ''}\n`, token.name);
  session.note(`Keep it: it is not shown again. It may act as ${token.role} until ${clock(token.expiresAt)}.`);
  return undefined;
};

/** `token list` */
export const listTokens: Verb<ListOptions> = (session, _args, options) =>
  printPages(session, options, tokenView(Date.now()), (query) => session.client.call('GET /v1/tokens', { query }));

const all = ({ client }: Session): Promise<Token[]> =>
  collect((cursor) => client.call('GET /v1/tokens', { query: pageAt(cursor) }));

const pick = (tokens: readonly Token[], word: string): Token => {
  const found = tokens.filter(({ id, name, revokedAt }) => revokedAt === undefined && (id === word || name === word));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  if (only !== undefined) {
    throw new CliError(`${found.length} tokens are called ${word}: ${found.map(({ id }) => id).join(', ')}.`, {
      next: 'Say which one by its id',
    });
  }
  const names = tokens.map(({ name }) => name);
  throw new CliError(`There is no token ${word}.${didYouMean(word, names)}`, {
    next: 'See what there is: novacron token list',
  });
};

/** `token revoke` */
export const revokeTokens: Verb<CommonOptions & { readonly yes?: true }> = async (session, words, { yes }) => {
  const present = await all(session);
  const tokens = words.map((word) => pick(present, word));
  if (!yes) await confirm(session.io, `Revoke ${tokens.map(({ name }) => name).join(', ')}?`);
  for (const { id, name } of tokens) {
    await session.client.call('DELETE /v1/tokens/{id}', { path: { id } });
    session.note(`${name} is revoked.`);
  }
  return undefined;
};
