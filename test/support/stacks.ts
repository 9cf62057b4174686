import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { acknowledge } from '../../lib/acknowledged.ts';
import { ROOT } from '../../lib/bundles.ts';
import { readConfig } from '../../lib/config.ts';
import { compose } from '../../lib/novacron.ts';

// The checks run in `npm run synth`; here they would only take time.
process.env.CDK_VALIDATION = 'false';

export interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Principal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface Policy {
  readonly Statement: readonly Statement[];
}

interface Throttle {
  readonly ThrottlingRateLimit: number;
  readonly ThrottlingBurstLimit: number;
}

/** The properties that tests look into; others are there as they are. No resource has them all. */
interface Properties {
  readonly [name: string]: unknown;
  readonly FunctionName: string;
  readonly Environment?: { readonly Variables?: Readonly<Record<string, unknown>> };
  readonly AssumeRolePolicyDocument: Policy;
  readonly PermissionsBoundary?: unknown;
  readonly KeyPolicy?: Policy;
  readonly PolicyDocument: Policy;
  readonly Policies?: readonly { readonly PolicyDocument: Policy }[];
  readonly AlarmDescription: string;
  readonly BucketEncryption: {
    readonly ServerSideEncryptionConfiguration: readonly {
      readonly ServerSideEncryptionByDefault: { readonly SSEAlgorithm: string };
    }[];
  };
  readonly ObjectLockEnabled?: boolean;
  readonly ResourcePolicy?: { readonly PolicyDocument: Policy };
  readonly PublicAccessBlockConfiguration: Readonly<Record<string, boolean>>;
  readonly PointInTimeRecoverySpecification: { readonly PointInTimeRecoveryEnabled: boolean };
  readonly Content: {
    readonly parameters: Readonly<
      Record<string, { readonly allowedPattern?: string; readonly interpolationType?: string }>
    >;
  };
  readonly ScheduleExpression: string;
  readonly GlobalSecondaryIndexes: readonly object[];
  readonly MemorySize: number;
  readonly TracingConfig?: { readonly Mode: string };
  readonly LoggingConfig?: { readonly SystemLogLevel?: string };
  readonly Metrics?: readonly { readonly MetricStat?: unknown }[];
  readonly DefaultRouteSettings: Throttle;
  readonly RouteSettings: Readonly<Record<string, Throttle>>;
  readonly ScalingConfig: { readonly MaximumConcurrency: number };
}

export interface Resource {
  readonly Type: string;
  readonly Properties: Properties;
  readonly DeletionPolicy?: string;
}

/** Settings under which every construct of the app exists. */
export const EVERYTHING = {
  installation: 'test',
  stage: 'prod',
  regions: 'eu-west-1',
  alertEmail: 'alerts@example.com',
  slackWebhookParameter: '/novacron/slack-webhook',
  remoteWrite: {
    url: 'https://metrics.example.com/api/v1/write',
    authorization: { type: 'Bearer', credentialsFile: '/novacron/remote-write' },
  },
  mailFrom: 'novacron@example.com',
  snsTopics: 'arn:aws:sns:eu-west-1:123456789012:pager',
  sms: true,
  eventBuses: 'ops',
};

/** The templates of all stacks, by stack name without the installation. */
export const templatesOf = (settings: Record<string, unknown> = EVERYTHING): ReadonlyMap<string, Template> => {
  const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'));
  const app = new App({ context: { ...context, ...settings } });
  const { regions, ...stacks } = compose(app, readConfig(app.node.getAllContext()));
  acknowledge(app);
  return new Map([...Object.values(stacks), ...regions].map((stack) => [stack.node.id, Template.fromStack(stack)]));
};

/** Resources of one type over all stacks, by `<stack>/<logical id>`. */
export const resourcesOf = (templates: ReadonlyMap<string, Template>, type?: string): ReadonlyMap<string, Resource> =>
  new Map(
    [...templates].flatMap(([stack, template]) =>
      // Template types its JSON as any.
      Object.entries(template.toJSON().Resources as Record<string, Resource>)
        .filter(([, resource]) => type === undefined || resource.Type === type)
        .map(([id, resource]): [string, Resource] => [`${stack}/${id}`, resource]),
    ),
  );

/** All statements of identity policies, with the place each stands at. */
export const statementsOf = (templates: ReadonlyMap<string, Template>): readonly (readonly [string, Statement])[] =>
  ['AWS::IAM::Policy', 'AWS::IAM::Role'].flatMap((type) =>
    [...resourcesOf(templates, type)].flatMap(([id, { Properties }]) =>
      [Properties.PolicyDocument, ...(Properties.Policies ?? []).map(({ PolicyDocument }) => PolicyDocument)]
        .flatMap((document) => document?.Statement ?? []) // a role has no document of its own
        .map((statement) => [id, statement] as const),
    ),
  );

export const listOf = <T>(value: T | readonly T[]): readonly T[] => [value].flat() as readonly T[]; // flat() widens to unknown here
