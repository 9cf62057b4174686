import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, Code, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type Bundle, hashOf } from '../bundles.ts';
import { type Config, STAGE_TRAITS } from '../config.ts';
import { type Environment, pick } from '../environment.ts';
import { allow } from '../grants.ts';
import { pascal } from '../names.ts';

export interface HandlerProps {
  readonly config: Config;
  readonly key: IKey;
  readonly bundle: Bundle;
  /** What the function does, as a sentence of the console. */
  readonly purpose: string;
  /** What this stack can tell; the function gets the variables that its code names. */
  readonly offers: Environment;
  /** Everything the function may do beside writing its log and traces. */
  readonly may: readonly PolicyStatement[];
  readonly timeoutSeconds?: number;
  /** Where an event goes that failed twice; only for functions that are invoked asynchronously. */
  readonly deadLetters?: IQueue;
  readonly reservedConcurrency?: number;
}

/** What all functions of a stack share. */
export interface HandlersProps extends Pick<HandlerProps, 'config' | 'key' | 'offers'> {
  readonly bundles: ReadonlyMap<string, Bundle>;
}

export type HandlerMaker = (
  entry: string,
  props: Omit<HandlerProps, 'config' | 'key' | 'offers' | 'bundle'>,
) => Handler;

/** Makes the functions of one stack by their path below lambdas/. @throws Error where there is no such entry point */
export const handlers =
  (scope: Construct, { bundles, ...shared }: HandlersProps): HandlerMaker =>
  (entry, props) => {
    const bundle = bundles.get(entry);
    if (!bundle) throw new Error(`lambdas/${entry}.ts is wired, but it exports no handler.`);
    return new Handler(scope, pascal(entry.replaceAll('/', '-')), { ...shared, ...props, bundle });
  };

/** The one way a Lambda function is made here: its own role, its own log group, arm64, traced, nothing bundled at deploy time. */
export class Handler extends LambdaFunction {
  readonly entry: string;

  constructor(scope: Construct, id: string, props: HandlerProps) {
    const { config, bundle } = props;
    const base = new Construct(scope, `${id}Base`);
    const logGroup = logGroupOf(base, props, `/aws/lambda/${functionName(config, bundle.entry)}`);
    const role = new Role(base, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `Of ${bundle.entry} in ${config.installation}`,
    });
    super(scope, id, {
      functionName: functionName(config, bundle.entry),
      description: props.purpose,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 512,
      timeout: Duration.seconds(props.timeoutSeconds ?? 30),
      handler: 'index.handler',
      code: Code.fromAsset(bundle.folder, { assetHash: hashOf(bundle) }),
      environment: pick({ ...commonOf(config), ...props.offers }, bundle.text),
      role,
      logGroup,
      tracing: Tracing.ACTIVE,
      ...(props.deadLetters && { deadLetterQueue: props.deadLetters }),
      ...(props.reservedConcurrency && { reservedConcurrentExecutions: props.reservedConcurrency }),
    });
    this.entry = bundle.entry;
    for (const statement of props.may) role.addToPrincipalPolicy(statement);
    role.addToPrincipalPolicy(allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]));
  }
}

/** Lambda names end at 64 characters; the longest entry and the longest installation fit. */
const functionName = (config: Config, entry: string): string =>
  `novacron-${config.installation}-${entry.replaceAll('/', '-')}`;

const logGroupOf = (scope: Construct, { config, key }: HandlerProps, name: string): LogGroup => {
  const traits = STAGE_TRAITS[config.stage];
  return new LogGroup(scope, 'Logs', {
    logGroupName: name,
    retention: traits.logDays,
    encryptionKey: key,
    removalPolicy: traits.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
};

const commonOf = (config: Config): Environment => ({
  INSTALLATION: config.installation,
  STAGE: config.stage,
  POWERTOOLS_SERVICE_NAME: 'novacron',
  POWERTOOLS_METRICS_NAMESPACE: 'NovaCron',
  RETAIN_DAYS: String(config.retainDays),
  IMAGE_MIRRORS: config.imageMirrors.join(),
  KVM_CPU_OVERCOMMIT: String(config.kvmCpuOvercommit),
  KVM_MEMORY_OVERCOMMIT: String(config.kvmMemoryOvercommit),
  KVM_DISK_OVERCOMMIT: String(config.kvmDiskOvercommit),
  PRICE_BOOK: JSON.stringify(config.priceBook),
});
