import type { Operation } from '../domain/operation.ts';
import { pageOf } from '../domain/page.ts';
import { OperationView, operationView } from '../domain/view.ts';
import * as operations from '../store/operations.ts';
import * as table from '../store/table.ts';
import { listed, PageQuery } from './page.ts';
import { filterNames, route } from './route.ts';

const FIELDS = {
  plain: {
    id: ({ id }: Operation) => id,
    kind: ({ kind }: Operation) => kind,
    state: ({ state }: Operation) => state,
    vm: ({ vmId, vmName }: Operation) => [vmId ?? [], vmName ?? []].flat(),
    host: ({ hostId }: Operation) => hostId,
    provider: ({ provider }: Operation) => provider,
    by: ({ by }: Operation) => by,
    error: ({ error }: Operation) => error?.name,
  },
};

const LIST = {
  name: 'operations',
  fields: FIELDS,
  read: operations.page,
  position: (operation: Operation) => table.positionOf(operations.entity, operation, 'gsi1'),
  view: operationView,
};

/** GET /v1/operations */
export const listOperations = route({
  method: 'GET',
  path: '/v1/operations',
  action: 'list-operations',
  summary: 'List operations, newest first',
  access: 'viewer',
  query: PageQuery,
  filter: filterNames(FIELDS),
  answers: { 200: pageOf(OperationView) },
  handler: (input, { by }) => listed(LIST, input, by),
});
