import { ArnFormat, Aws, type Stack } from 'aws-cdk-lib';
import { OperationKind } from '../lambdas/domain/vm.ts';

/** Names that two stacks (or a function and a stack) must agree on without a reference between them. */
export const busName = (installation: string): string => `novacron-${installation}`;
/** The bucket's name is known beforehand, so that policies of other stacks can name a prefix in it. */
export const bucketName = (installation: string): string => `novacron-${installation}-${Aws.ACCOUNT_ID}-${Aws.REGION}`;
/** Named after the key that encrypts it: an installation that is made anew can read its own, and no older one. */
export const auditKeyParameter = (installation: string, keyId: string): string =>
  `/novacron/${installation}/audit-key/${keyId}`;
export const documentName = (installation: string, verb: string): string => `NovaCron-${installation}-${verb}`;
export const machinePrefix = (installation: string): string => `novacron-${installation}-`;

/** The state machines: one an operation, and the undo of an execution that ended without its own. */
export const MACHINES: readonly string[] = [...OperationKind.options, 'undo-operation'];

/** ARNs of all our state machines, by name: what breaks the circle between those who start and those who are started. */
export const machineArns = (stack: Stack, installation: string): string[] =>
  MACHINES.map((kind) =>
    stack.formatArn({
      service: 'states',
      resource: 'stateMachine',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      resourceName: `${machinePrefix(installation)}${kind}`,
    }),
  );

/** Their executions, each named by its operation. */
export const executionArns = (stack: Stack, installation: string): string[] =>
  MACHINES.map((kind) =>
    stack.formatArn({
      service: 'states',
      resource: 'execution',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      resourceName: `${machinePrefix(installation)}${kind}:*`,
    }),
  );

/** The words of `kebab-case` as `PascalCase`: files and documents, files and ASL placeholders. */
export const pascal = (kebab: string): string =>
  kebab.replace(/(^|-)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase());
