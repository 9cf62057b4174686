import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { parse } from 'yaml';
import { ROOT } from '../bundles.ts';
import { type Config, STAGE_TRAITS } from '../config.ts';
import { allow } from '../grants.ts';
import { machinePrefix } from '../names.ts';

export interface WorkflowProps {
  readonly config: Config;
  readonly key: IKey;
  /** File stem in step-functions/. */
  readonly name: string;
  /** Functions by the `${Placeholder}` that stands for them; the workflow may invoke those of its file and no other. */
  readonly tasks: ReadonlyMap<string, IFunction>;
}

/** A state machine whose definition is a file that a human and Workflow Studio can both read. */
export class Workflow extends Construct {
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, { config, key, name, tasks }: WorkflowProps) {
    super(scope, id);
    const definition = readFileSync(join(ROOT, 'step-functions', `${name}.asl.yaml`), 'utf8');
    const used = placeholdersOf(definition).map(
      (placeholder) => [placeholder, taskOf(tasks, name, placeholder)] as const,
    );
    // Only for state machines of this account: Step Functions says for whom it acts when it assumes a role.
    const role = new Role(this, 'Role', {
      description: `Of the state machine ${name} in ${config.installation}`,
      assumedBy: new ServicePrincipal('states.amazonaws.com').withConditions({
        StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
        ArnLike: { 'aws:SourceArn': `arn:${Aws.PARTITION}:states:${Aws.REGION}:${Aws.ACCOUNT_ID}:*` },
      }),
    });
    this.stateMachine = new StateMachine(this, 'StateMachine', {
      role,
      stateMachineName: `${machinePrefix(config.installation)}${name}`,
      // Parsing expands the file's anchors; the placeholders stay for CloudFormation to fill.
      definitionBody: DefinitionBody.fromString(JSON.stringify(parse(definition))),
      definitionSubstitutions: {
        Partition: Aws.PARTITION,
        ...Object.fromEntries(used.map(([placeholder, task]) => [placeholder, task.functionArn])),
      },
      tracingEnabled: true,
      // Every step is logged, what it carried is not.
      logs: { level: LogLevel.ALL, includeExecutionData: false, destination: this.logGroup(config, key, name) },
    });
    this.stateMachine.addToRolePolicy(
      allow(
        ['lambda:InvokeFunction'],
        used.map(([, task]) => task.functionArn),
      ),
    );
  }

  private logGroup(config: Config, key: IKey, name: string): LogGroup {
    const traits = STAGE_TRAITS[config.stage];
    return new LogGroup(this, 'Logs', {
      // The prefix under which log delivery needs no resource policy of its own per group.
      logGroupName: `/aws/vendedlogs/states/${machinePrefix(config.installation)}${name}`,
      retention: traits.logDays,
      encryptionKey: key,
      removalPolicy: traits.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
  }
}

/** The functions a definition names, each once; `${Partition}` is no function. */
export const placeholdersOf = (definition: string): string[] => [
  ...new Set(
    [...definition.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name).filter((name) => name !== 'Partition'),
  ),
];

const taskOf = (tasks: ReadonlyMap<string, IFunction>, machine: string, placeholder: string): IFunction => {
  const task = tasks.get(placeholder);
  if (!task)
    throw new Error(
      `step-functions/${machine}.asl.yaml names \${${placeholder}}, for which lambdas/steps has no file.`,
    );
  return task;
};
