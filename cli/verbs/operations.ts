import type { Operation } from '../api.ts';
import type { ListOptions, Verb, WaitingOptions } from '../command-tree.ts';
import { EXIT } from '../exit-codes.ts';
import { printItems } from '../output.ts';
import { operationPage } from '../pages.ts';
import { findAll } from '../resolve.ts';
import type { Session } from '../session.ts';
import { operationView } from '../views.ts';
import { judge, watch } from '../wait.ts';
import { printPages } from './listing.ts';

const get = ({ client }: Session, id: string): Promise<Operation> =>
  client.call('GET /v1/operations/{id}', { path: { id } });

const print = (session: Session, operations: readonly Operation[]): Promise<void> => {
  const now = new Date().toISOString();
  const view = operationView(session.paint, Date.parse(now));
  return printItems(session, view, operations, (each) => operationPage(each, session.paint, now));
};

/** `op list` */
export const listOperations: Verb<ListOptions> = (session, _args, options) =>
  printPages(session, options, operationView(session.paint, Date.now()), (query) =>
    session.client.call('GET /v1/operations', { query }),
  );

/** `op get` */
export const getOperations: Verb = async (session, ids) => {
  await print(session, await findAll(ids, (id) => get(session, id)));
  return undefined;
};

const watchAndPrint = async (session: Session, operations: readonly Operation[], timeoutSeconds: number) => {
  const ended = await watch(session, operations, { timeoutSeconds });
  const code = judge(session, ended, { timeoutSeconds });
  await print(session, ended);
  return { ended, code };
};

/** `op watch` */
export const watchOperations: Verb<WaitingOptions> = async (session, ids, { timeout }) => {
  const operations = await findAll(ids, (id) => get(session, id));
  return (await watchAndPrint(session, operations, timeout)).code;
};

/** `op cancel`: succeeds when the operations end cancelled. */
export const cancelOperations: Verb<WaitingOptions> = async (session, ids, { wait, timeout }) => {
  const cancel = (id: string) => session.client.call('POST /v1/operations/{id}/cancel', { path: { id } });
  const operations = await findAll(ids, cancel);
  if (!wait) {
    await print(session, operations);
    return undefined;
  }
  const { ended, code } = await watchAndPrint(session, operations, timeout);
  return ended.every(({ state }) => state === 'cancelled') ? EXIT.ok : code || EXIT.failed;
};
