import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  Architecture,
  Code,
  type IFunction,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type Bundle, hashOf } from '../bundles.ts';
import { type Config, STAGE_TRAITS } from '../config.ts';
import { type Environment, pick } from '../environment.ts';
import { allow, type HasTableArn, mayDoWithRows, type RowCall } from '../grants.ts';
import { pascal } from '../names.ts';
import type { Release } from './release.ts';

export interface HandlerProps {
  readonly config: Config;
  readonly key: IKey;
  readonly bundle: Bundle;
  /** What the function does, as a sentence of the console. */
  readonly purpose: string;
  /** What this stack can tell; the function gets the variables that its code names. */
  readonly offers: Environment;
  /** The table with whose rows the function may do what its code does. */
  readonly rows?: HasTableArn | undefined;
  /** What its code holds and this function never comes to: a module is taken in whole, for one of the things that it does. */
  readonly unreached?: readonly RowCall[] | undefined;
  /** Everything else the function may do beside writing its log and traces. */
  readonly may: readonly PolicyStatement[];
  readonly timeoutSeconds?: number;
  /** Where an event goes that failed twice; only for functions that are invoked asynchronously. */
  readonly deadLetters?: IQueue;
  readonly reservedConcurrency?: number;
  /** How new code comes to traffic; without it, at once. */
  readonly release?: Release | undefined;
  /** Called all day long, by a timer or by each host: traced only where its caller is, and no line in the log for a call that went well. */
  readonly quiet?: boolean;
}

/** What all functions of a stack share. */
export interface HandlersProps extends Pick<HandlerProps, 'config' | 'key' | 'offers' | 'release'> {
  readonly bundles: ReadonlyMap<string, Bundle>;
}

export type HandlerMaker = (
  entry: string,
  props: Omit<HandlerProps, 'config' | 'key' | 'offers' | 'bundle' | 'release'>,
) => Handler;

/** Makes the functions of one stack by their path below lambdas/. @throws Error where there is no such entry point */
export const handlers =
  (scope: Construct, { bundles, ...shared }: HandlersProps): HandlerMaker =>
  (entry, props) => {
    const bundle = bundles.get(entry);
    if (!bundle) throw new Error(`lambdas/${entry}.ts is wired, but it exports no handler.`);
    return new Handler(scope, pascal(entry.replaceAll('/', '-')), { ...shared, ...props, bundle });
  };

/** The one way a Lambda function is made here: its own role, its own log group, arm64, traced unless it is quiet, nothing bundled at deploy time. */
export class Handler extends LambdaFunction {
  readonly entry: string;
  /** What everybody calls: the alias where there is one, else the function itself. */
  readonly live: IFunction;

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
      tracing: props.quiet ? Tracing.PASS_THROUGH : Tracing.ACTIVE,
      ...(props.quiet && QUIET),
      ...(props.deadLetters && { deadLetterQueue: props.deadLetters }),
      ...(props.reservedConcurrency && { reservedConcurrentExecutions: props.reservedConcurrency }),
    });
    this.entry = bundle.entry;
    const rows = props.rows ? mayDoWithRows(props.rows, bundle.text, props.unreached) : [];
    for (const statement of [...rows, ...props.may]) role.addToPrincipalPolicy(statement);
    role.addToPrincipalPolicy(allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]));
    // Alias lacks only the `| undefined` that exactOptionalPropertyTypes asks of its interface.
    this.live = (props.release?.aliasOf(this, bundle.entry) as IFunction | undefined) ?? this;
  }
}

/** Without Lambda's own three lines a call. */
const QUIET = { loggingFormat: LoggingFormat.JSON, systemLogLevelV2: SystemLogLevel.WARN };

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
  ALERT_RECEIVER_HOSTS: config.webhookHosts.join(),
  MAIL_FROM: config.mailFrom ?? '',
  RECEIVER_TOPICS: config.snsTopics.join(),
  RECEIVER_SMS: String(config.sms),
  RECEIVER_BUSES: config.eventBuses.join(),
  KVM_CPU_OVERCOMMIT: String(config.kvmCpuOvercommit),
  KVM_MEMORY_OVERCOMMIT: String(config.kvmMemoryOvercommit),
  KVM_DISK_OVERCOMMIT: String(config.kvmDiskOvercommit),
  PRICE_BOOK: JSON.stringify(config.priceBook),
  PRINCIPAL_RATE_LIMIT: String(config.principalRateLimit),
  PROJECT_RATE_LIMIT: String(config.projectRateLimit),
});
