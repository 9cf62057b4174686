import * as z from 'zod';
import { Head } from '../domain/chain.ts';
import { pageOf } from '../domain/page.ts';
import { readCursor, writeCursor } from '../store/cursor.ts';
import * as heads from '../store/heads.ts';
import { PageQuery } from './page.ts';
import { route } from './route.ts';

/** Each head is an object of its own. */
const MOST = 100;

const Position = z.strictObject({ KeyMarker: z.string(), VersionIdMarker: z.string() });

/** GET /v1/audit/heads */
export const listAuditHeads = route({
  method: 'GET',
  path: '/v1/audit/heads',
  action: 'list-audit-heads',
  summary: "Signed heads of the project's audit log, newest first: up to where it went at a moment",
  access: 'admin',
  pastToo: true,
  query: PageQuery,
  answers: { 200: pageOf(Head) },
  handler: async ({ query: { limit, cursor } }, { by: { project } }) => {
    const name = `${project}/audit-heads`;
    const after = cursor === undefined ? undefined : Position.parse(await readCursor(name, cursor));
    const { items, last } = await heads.page(project, { limit: Math.min(limit, MOST), after });
    const more = last === undefined ? {} : { cursor: await writeCursor(name, { ...last }) };
    return { status: 200, body: { items, ...more } };
  },
});
