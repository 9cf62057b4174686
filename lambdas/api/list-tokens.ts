import { pageOf } from '../domain/page.ts';
import { TokenView } from '../domain/view.ts';
import * as tokens from '../store/tokens.ts';
import { tokenView } from './make-token.ts';
import { listed, PageQuery } from './page.ts';
import { filterNames, route } from './route.ts';

const FIELDS = {
  plain: {
    id: ({ id }: tokens.Token) => id,
    name: ({ name }: tokens.Token) => name,
    role: ({ role }: tokens.Token) => role,
    by: ({ by }: tokens.Token) => by,
    revoked: ({ revokedAt }: tokens.Token) => String(revokedAt !== undefined),
  },
};

const LIST = {
  name: 'tokens',
  fields: FIELDS,
  read: tokens.page,
  position: tokens.positionOf,
  view: tokenView,
  shows: ({ role }: tokens.Token) => role !== 'host',
};

/** GET /v1/tokens: those of people and programs; hosts' own are the plane's business. */
export const listTokens = route({
  method: 'GET',
  path: '/v1/tokens',
  action: 'list-tokens',
  summary: 'List tokens, newest first, never their text',
  access: 'admin',
  query: PageQuery,
  filter: filterNames(FIELDS),
  answers: { 200: pageOf(TokenView) },
  handler: (input, { by }) => listed(LIST, input, by),
});
