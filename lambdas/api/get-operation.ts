import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod';
import { LONGEST_WAIT_SECONDS } from '../domain/allowance.ts';
import { etagOf } from '../domain/asked.ts';
import { isOpen, type Operation } from '../domain/operation.ts';
import type { Principal } from '../domain/principal.ts';
import { OperationView, operationView } from '../domain/view.ts';
import { operationOf } from './gate.ts';
import { OperationPath } from './operation-path.ts';
import { route } from './route.ts';

const LOOK_EACH_MS = 500;

const WaitQuery = z.strictObject({
  /** Seconds to wait for a change. */
  wait: z.coerce.number().int().min(0).max(LONGEST_WAIT_SECONDS).default(0),
  /** The version you know: a newer one is answered at once. Without it the wait is for the end. */
  seen: z.coerce.number().int().min(1).optional(),
});

const isNews = (operation: Operation, seen: number | undefined): boolean =>
  !isOpen(operation) || (seen !== undefined && operation.version !== seen);

const waited = async (
  by: Principal,
  { id, seen }: { id: string; seen?: number | undefined },
  until: number,
): Promise<Operation> => {
  for (;;) {
    const operation = await operationOf(by, id);
    if (isNews(operation, seen) || Date.now() + LOOK_EACH_MS > until) return operation;
    await pause(LOOK_EACH_MS);
  }
};

/** GET /v1/operations/{id} */
export const getOperation = route({
  method: 'GET',
  path: '/v1/operations/{id}',
  action: 'get-operation',
  summary: 'Show an operation; with `wait`, once it has changed',
  access: 'viewer',
  params: OperationPath,
  query: WaitQuery,
  answers: { 200: OperationView },
  handler: async ({ params, query }, { by }) => {
    const operation = await waited(by, { ...params, seen: query.seen }, Date.now() + query.wait * 1000);
    return { status: 200, headers: { etag: etagOf(operation) }, body: operationView(operation) };
  },
});
