import { OperationView } from '../domain/view.ts';
import { cancel } from '../runtime/cancel.ts';
import * as table from '../store/table.ts';
import { audited } from './audited.ts';
import { operationOf } from './gate.ts';
import { accepted } from './operate.ts';
import { OperationPath } from './operation-path.ts';
import { route } from './route.ts';

/** POST /v1/operations/{id}/cancel */
export const cancelOperation = route({
  method: 'POST',
  path: '/v1/operations/{id}/cancel',
  action: 'cancel-operation',
  summary: 'Stop an operation at its next safe point, and take back what it did',
  access: 'operator',
  params: OperationPath,
  answers: { 202: OperationView },
  handler: async ({ params }, call) => {
    const before = await operationOf(call.by, params.id);
    const after = await cancel(before);
    await table.transact(
      audited(call, { subject: params.id, before: { state: before.state }, after: { state: after.state } }),
    );
    return accepted(after);
  },
});
