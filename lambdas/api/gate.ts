import { raise } from '../domain/faults.ts';
import type { Operation } from '../domain/operation.ts';
import type { Principal } from '../domain/principal.ts';
import { projectOf } from '../domain/project.ts';
import type { Vm } from '../domain/vm.ts';
import * as operations from '../store/operations.ts';
import * as tokens from '../store/tokens.ts';
import * as vms from '../store/vms.ts';

/**
 * The one way from a request to a row that a project owns. A row of another project is answered as one that never was: by
 * the same fault, in the same words, after the same read.
 */
type Asker = Pick<Principal, 'project' | 'system'>;

const isOwn = ({ project }: Asker, row: { readonly project?: string | undefined }): boolean =>
  projectOf(row) === project;

/** @throws VmNotFound */
export const vmOf = async (by: Asker, id: string): Promise<Vm> => {
  const vm = await vms.find(id);
  return vm && isOwn(by, vm) ? vm : vms.notFound(id);
};

/** Operations of hosts are the installation's, and its admins see them wherever they act. @throws OperationNotFound */
export const operationOf = async (by: Asker, id: string): Promise<Operation> => {
  const operation = await operations.find(id);
  const isSeen = operation && (isOwn(by, operation) || (by.system && operation.kind === 'enrol-host'));
  return isSeen ? operation : operations.notFound(id);
};

/** @throws TokenNotFound */
export const tokenOf = async ({ project }: Asker, id: string): Promise<tokens.Token> =>
  (await tokens.find(project, id)) ?? raise('TokenNotFound', `There is no token ${id}.`);
