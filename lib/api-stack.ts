import { Aws, CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  HttpApi,
  HttpMethod,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Bundle } from './bundles.ts';
import { type Config, STAGE_TRAITS } from './config.ts';
import { type Handler, type HandlerMaker, handlers } from './constructs/handler.ts';
import { Issuer } from './constructs/issuer.ts';
import type { Environment } from './environment.ts';
import { allow, mayAnswer, mayLookAtEc2, mayRead, mayReadAndWrite, maySend } from './grants.ts';
import type { HostsStack } from './hosts-stack.ts';
import { documentName, machineArns } from './names.ts';
import { mayEnrol, mayKeepUserData, mayMakeCursorKey, mayPush, mayReadConsole, mayResolveImages } from './powers.ts';
import type { StateStack } from './state-stack.ts';

export interface ApiStackProps extends StackProps {
  readonly config: Config;
  readonly state: StateStack;
  readonly hosts: HostsStack;
  readonly bundles: ReadonlyMap<string, Bundle>;
}

/** The way in: one HTTP API in front of three functions, and the issuer of people's tokens. */
export class ApiStack extends Stack {
  readonly api: HttpApi;
  readonly stage: HttpStage;
  readonly issuer: Issuer;
  readonly read: Handler;
  readonly write: Handler;
  readonly report: Handler;
  /** What the API tells to functions of later stacks as well. */
  readonly offers: Environment;

  constructor(scope: Construct, id: string, props: ApiStackProps) {
    const { config, state, hosts, bundles, ...rest } = props;
    super(scope, id, { description: `NovaCron ${config.installation}: HTTP API`, ...rest });
    this.issuer = new Issuer(this, 'Issuer', { config });
    this.api = new HttpApi(this, 'Api', {
      apiName: `novacron-${config.installation}`,
      createDefaultStage: false,
      description: 'Authentication is our own middleware: docs/adr, and every answer is problem+json.',
    });
    this.offers = offersOf(this, props);
    const make = handlers(this, { config, key: state.key, bundles, offers: this.offers });
    this.read = readHandler(make, props);
    this.write = writeHandler(this, make, props);
    this.report = reportHandler(this, make, props);
    this.routes();
    this.stage = stageOf(this, config, state);
    this.tell();
  }

  /** Five routes: our own table in lambdas/api does the rest, so that an unknown path is answered as a problem too. */
  private routes(): void {
    const read = new HttpLambdaIntegration('Read', this.read);
    const write = new HttpLambdaIntegration('Write', this.write);
    const report = new HttpLambdaIntegration('Report', this.report);
    this.api.addRoutes({ path: '/v1/{proxy+}', methods: [HttpMethod.GET], integration: read });
    this.api.addRoutes({ path: '/v1/{proxy+}', methods: [HttpMethod.ANY], integration: write });
    this.api.addRoutes({ path: '/v1/hosts/{id}/report', methods: [HttpMethod.POST], integration: report });
    this.api.addRoutes({
      path: '/v1/token',
      methods: [HttpMethod.POST],
      integration: write,
      authorizer: new HttpIamAuthorizer(),
    });
    new HttpRoute(this, 'Default', { httpApi: this.api, routeKey: HttpRouteKey.DEFAULT, integration: read });
  }

  private tell(): void {
    new CfnOutput(this, 'ApiUrl', { value: this.api.apiEndpoint });
    new CfnOutput(this, 'ApiId', { value: this.api.apiId });
    new CfnOutput(this, 'OpenApiUrl', { value: `${this.api.apiEndpoint}/v1/openapi.json` });
    this.issuer.tell(this);
  }
}

const offersOf = (stack: ApiStack, { config, state, hosts }: ApiStackProps): Environment => ({
  STATE_TABLE: state.state.tableName,
  BUCKET_NAME: state.bucket.bucketName,
  BUS_NAME: state.bus.eventBusName,
  LOOKS_QUEUE_URL: state.looks.queue.queueUrl,
  BEATS_QUEUE_URL: state.beats.queue.queueUrl,
  NODE_ROLE_NAME: hosts.nodeRole.roleName,
  ACCOUNT: Aws.ACCOUNT_ID,
  REGIONS: [Aws.REGION, ...config.regions].join(','),
  API_URL: stack.api.apiEndpoint,
  OIDC_ISSUER: stack.issuer.url,
  OIDC_AUDIENCE: stack.issuer.audience,
  STATE_MACHINE_PREFIX: `arn:${Aws.PARTITION}:states:${Aws.REGION}:${Aws.ACCOUNT_ID}:stateMachine:novacron-${config.installation}-`,
});

const readHandler = (make: HandlerMaker, { config, state }: ApiStackProps): Handler =>
  make('api/read', {
    purpose: 'Answers GET requests',
    // A request may wait 20 s for an operation.
    timeoutSeconds: 29,
    may: [
      mayRead(state.state),
      mayMakeCursorKey(state.state),
      mayLookAtEc2(),
      mayReadConsole(config),
      ...maySend(config, [documentName(config.installation, 'ConsoleLog')]),
    ],
  });

const writeHandler = (stack: Stack, make: HandlerMaker, { config, state, hosts }: ApiStackProps): Handler =>
  make('api/write', {
    purpose: 'Admits changes: authorises, validates, writes the intent',
    timeoutSeconds: 29,
    may: [
      ...mayReadAndWrite(state.state),
      mayLookAtEc2(),
      mayResolveImages(config),
      mayKeepUserData(config, ['s3:PutObject', 's3:DeleteObject']),
      allow(['events:PutEvents'], [state.bus.eventBusArn]),
      mayAnswer(machineArns(stack, config.installation)),
      ...mayEnrol(config, hosts.nodeRole),
      ...maySend(config, [documentName(config.installation, 'RemoveUnit')]),
    ],
  });

const reportHandler = (stack: Stack, make: HandlerMaker, { config, state }: ApiStackProps): Handler =>
  make('api/report', {
    purpose: 'Takes in what host units report',
    may: [
      ...mayReadAndWrite(state.state),
      mayPush(state.beats.queue, state.looks.queue),
      mayAnswer(machineArns(stack, config.installation)),
    ],
    ...(config.reservedConcurrency && { reservedConcurrency: 50 }),
  });

const stageOf = (stack: ApiStack, config: Config, state: StateStack): HttpStage => {
  const traits = STAGE_TRAITS[config.stage];
  const logs = new LogGroup(stack, 'AccessLogs', {
    logGroupName: `/aws/vendedlogs/novacron-${config.installation}-api`,
    retention: traits.logDays,
    encryptionKey: state.key,
    removalPolicy: traits.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
  return new HttpStage(stack, 'Stage', {
    httpApi: stack.api,
    stageName: '$default',
    autoDeploy: true,
    throttle: { rateLimit: config.apiRateLimit, burstLimit: config.apiBurstLimit },
    accessLogSettings: { destination: new LogGroupLogDestination(logs), format: ACCESS_LOG },
  });
};

/** No query string: filters may hold names that are nobody's business in a log. */
const ACCESS_LOG = AccessLogFormat.custom(
  JSON.stringify({
    requestId: '$context.requestId',
    at: '$context.requestTimeEpoch',
    ip: '$context.identity.sourceIp',
    method: '$context.httpMethod',
    path: '$context.path',
    route: '$context.routeKey',
    status: '$context.status',
    latencyMs: '$context.responseLatency',
    integrationError: '$context.integrationErrorMessage',
  }),
);
