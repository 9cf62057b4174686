import * as z from 'zod';
import { ChainedEntry } from '../domain/chain.ts';
import { pageOf } from '../domain/page.ts';
import * as chain from '../store/chain.ts';
import type * as table from '../store/table.ts';
import { listed, PageQuery } from './page.ts';
import { filterNames, route } from './route.ts';

const field = (
  name: 'action' | 'by' | 'role' | 'from' | 'subject' | 'outcome' | 'operationId' | 'requestId' | 'id',
) => ({
  [name]: ({ entry }: chain.Lying) => entry[name],
});

const FIELDS = {
  plain: {
    ...field('id'),
    ...field('action'),
    ...field('by'),
    ...field('role'),
    ...field('from'),
    ...field('subject'),
    ...field('outcome'),
    ...field('operationId'),
    ...field('requestId'),
  },
};

const Time = z.iso.datetime({ offset: true }).transform((time) => new Date(time).toISOString());

const AuditQuery = PageQuery.extend({
  /** From this moment on. */
  since: Time.optional(),
  /** Before this moment. */
  until: Time.optional(),
  order: z.enum(['newest', 'oldest']).default('newest'),
});

/** GET /v1/audit */
export const listAudit = route({
  method: 'GET',
  path: '/v1/audit',
  action: 'list-audit',
  summary: 'The audit log of the project: who asked for what, from where, and what came of it',
  access: 'admin',
  pastToo: true,
  query: AuditQuery,
  filter: filterNames(FIELDS),
  answers: { 200: pageOf(ChainedEntry) },
  handler: (input, { by }) => {
    const { since = '', until = '~', order } = input.query;
    const list = {
      name: `audit/${order}/${since}/${until}`,
      fields: FIELDS,
      read: (project: string, range: Pick<table.Range, 'limit' | 'after'>) =>
        chain.page(project, { ...range, oldestFirst: order === 'oldest' }),
      position: ({ key }: chain.Lying) => ({ ...key }),
      view: ({ entry }: chain.Lying) => entry,
      shows: ({ entry }: chain.Lying) => entry.at >= since && entry.at < until,
    };
    return listed(list, input, by);
  },
});
