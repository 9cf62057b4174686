import type { Operation } from '../domain/operation.ts';
import type { Outcome } from '../domain/outcome.ts';
import { operationAfterSuccess, vmAfterSuccess } from '../domain/settlement.ts';
import type { Vm } from '../domain/vm.ts';
import type * as operations from '../store/operations.ts';
import type { Settled } from '../store/settle.ts';
import { keptUntil } from './providers.ts';

const keptOf = ({ kind, input }: Operation, vm: Vm, at: string): string | undefined =>
  kind === 'delete-vm' ? keptUntil(vm.provider, input.purge === true, Date.parse(at)) : undefined;

/** The rows of an operation about a VM that ended well. */
export const succeeded = ({ operation, vm }: operations.Scene, outcome: Outcome, at: string): Settled => ({
  operation: operationAfterSuccess(operation, outcome, at),
  ...(vm ? { vm: vmAfterSuccess(operation.kind, vm, outcome, at, keptOf(operation, vm, at)) } : {}),
});
