import type { Asked } from '../../lambdas/domain/asked.ts';
import type { Operation } from '../../lambdas/domain/operation.ts';
import type { OperationKind, Vm } from '../../lambdas/domain/vm.ts';
import { startOperation } from '../../lambdas/runtime/execution.ts';
import { begin as beginOperation } from '../../lambdas/store/begin.ts';
import * as hosts from '../../lambdas/store/hosts.ts';

let key = 0;

/** A request that nobody made before. */
export const asked = (): Asked => {
  key += 1;
  return {
    by: { id: 'token:t', name: 't', project: 'default', role: 'operator', system: false },
    action: 'test',
    from: '192.0.2.7',
    requestId: 'r',
    at: new Date().toISOString(),
    key: `key-${key}`,
    hash: `hash-${key}`,
  };
};

/** Begins an operation as a route does, and starts it as the stream's consumer does. */
export const begin = async (kind: OperationKind, vm: Vm, input: Operation['input'] = {}): Promise<Operation> => {
  const { hostId } = vm.location;
  const host = kind === 'undelete-vm' && hostId !== undefined ? { host: await hosts.get(hostId) } : {};
  const operation = await beginOperation(asked(), { kind, vm, ...host, input });
  await startOperation(operation);
  return operation;
};
