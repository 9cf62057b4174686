import { Aws, CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  CfnStage,
  HttpApi,
  HttpMethod,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { type ApiFunctions, apiFunctions } from './api-functions.ts';
import type { Bundle } from './bundles.ts';
import { type Config, STAGE_TRAITS } from './config.ts';
import { handlers } from './constructs/handler.ts';
import { Issuer } from './constructs/issuer.ts';
import { type Release, releaseAlarm, releaseOf } from './constructs/release.ts';
import type { Environment } from './environment.ts';
import type { HostsStack } from './hosts-stack.ts';
import type { StateStack } from './state-stack.ts';

export interface ApiStackProps extends StackProps {
  readonly config: Config;
  readonly state: StateStack;
  readonly hosts: HostsStack;
  readonly bundles: ReadonlyMap<string, Bundle>;
}

/** The way in: one HTTP API in front of its functions, and the issuer of people's tokens. */
export class ApiStack extends Stack {
  readonly api: HttpApi;
  readonly stage: HttpStage;
  readonly issuer: Issuer;
  /** The functions behind the API, by their file in lambdas/api. */
  readonly functions: ApiFunctions;
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
    this.functions = apiFunctions(
      this,
      handlers(this, { config, key: state.key, bundles, offers: this.offers, release: this.release(config, state) }),
      props,
    );
    this.routes();
    this.stage = stageOf(this, config, state);
    this.tell();
  }

  /** A release that makes the API answer with 5xx is rolled back too. */
  private release(config: Config, state: StateStack): Release | undefined {
    if (!STAGE_TRAITS[config.stage].canary) return undefined;
    const metric = this.api.metricServerError({ statistic: Stats.SUM, period: Duration.minutes(1) });
    const ring = releaseAlarm(this, 'ServerErrors', {
      metric,
      text: 'The API answered with 5xx.',
      topic: state.alerts,
    });
    return releaseOf(this, [...state.releaseAlarms, ring]);
  }

  /** Only what another function serves has a route of its own; our table in lambdas/api does the rest. */
  private routes(): void {
    const [
      read,
      write,
      projects,
      report,
      hosts,
      reach,
      audit,
      schedules,
      previews,
      calendars,
      windows,
      alerts,
      ingest,
      metrics,
      rules,
      channels,
      silences,
      answers,
    ] = [
      new HttpLambdaIntegration('Read', this.functions.read.live),
      new HttpLambdaIntegration('Write', this.functions.write.live),
      new HttpLambdaIntegration('Projects', this.functions.projects.live),
      new HttpLambdaIntegration('Report', this.functions.report.live),
      new HttpLambdaIntegration('Hosts', this.functions.hosts.live),
      new HttpLambdaIntegration('Reach', this.functions.reach.live),
      new HttpLambdaIntegration('Audit', this.functions.audit.live),
      new HttpLambdaIntegration('Schedules', this.functions.schedules.live),
      new HttpLambdaIntegration('Previews', this.functions.previews.live),
      new HttpLambdaIntegration('Calendars', this.functions.calendars.live),
      new HttpLambdaIntegration('Windows', this.functions.windows.live),
      new HttpLambdaIntegration('Alerts', this.functions.alerts.live),
      new HttpLambdaIntegration('Ingest', this.functions.ingest.live),
      new HttpLambdaIntegration('Metrics', this.functions.metrics.live),
      new HttpLambdaIntegration('Rules', this.functions.rules.live),
      new HttpLambdaIntegration('Channels', this.functions.channels.live),
      new HttpLambdaIntegration('Silences', this.functions.silences.live),
      new HttpLambdaIntegration('Answers', this.functions.answers.live),
    ];
    const { GET, POST, PATCH, DELETE, ANY } = HttpMethod;
    this.api.addRoutes({ path: '/v1/{proxy+}', methods: [GET], integration: read });
    this.api.addRoutes({ path: '/v1/{proxy+}', methods: [ANY], integration: write });
    this.api.addRoutes({ path: '/v1/projects', methods: [POST], integration: projects });
    this.api.addRoutes({ path: '/v1/projects/{id}', methods: [PATCH, DELETE], integration: projects });
    this.api.addRoutes({ path: '/v1/tokens', methods: [POST], integration: projects });
    this.api.addRoutes({ path: '/v1/tokens/{id}', methods: [DELETE], integration: projects });
    this.api.addRoutes({ path: '/v1/hosts/{id}/report', methods: [POST], integration: report });
    this.api.addRoutes({ path: '/v1/hosts/{id}/install-script', methods: [GET], integration: report });
    this.api.addRoutes({ path: '/v1/hosts/enrol', methods: [POST], integration: hosts });
    this.api.addRoutes({ path: '/v1/hosts/{id}/actions/retire', methods: [POST], integration: hosts });
    this.api.addRoutes({ path: '/v1/vms/{id}/console-log', methods: [GET], integration: reach });
    this.api.addRoutes({ path: '/v1/findings', methods: [GET], integration: reach });
    this.api.addRoutes({ path: '/v1/findings/actions/check', methods: [POST], integration: reach });
    this.api.addRoutes({ path: '/v1/reconcile', methods: [POST], integration: reach });
    this.api.addRoutes({ path: '/v1/openapi.json', methods: [GET], integration: reach });
    for (const path of ['/v1/audit', '/v1/audit/heads', '/v1/audit/key']) {
      this.api.addRoutes({ path, methods: [GET], integration: audit });
    }
    this.api.addRoutes({ path: '/v1/schedules', methods: [ANY], integration: schedules });
    this.api.addRoutes({ path: '/v1/schedules/{proxy+}', methods: [ANY], integration: schedules });
    this.api.addRoutes({ path: '/v1/schedules', methods: [GET], integration: read });
    this.api.addRoutes({ path: '/v1/schedules/{id}', methods: [GET], integration: read });
    this.api.addRoutes({ path: '/v1/vms/{id}/schedule', methods: [GET], integration: previews });
    this.api.addRoutes({ path: '/v1/schedules/{id}/preview', methods: [GET], integration: previews });
    this.api.addRoutes({ path: '/v1/calendars', methods: [ANY], integration: calendars });
    this.api.addRoutes({ path: '/v1/calendars/{proxy+}', methods: [ANY], integration: calendars });
    this.api.addRoutes({ path: '/v1/groups', methods: [ANY], integration: calendars });
    this.api.addRoutes({ path: '/v1/groups/{proxy+}', methods: [ANY], integration: calendars });
    this.api.addRoutes({ path: '/v1/windows', methods: [ANY], integration: windows });
    this.api.addRoutes({ path: '/v1/windows/{proxy+}', methods: [ANY], integration: windows });
    this.api.addRoutes({ path: '/v1/rules', methods: [ANY], integration: rules });
    this.api.addRoutes({ path: '/v1/rules/{proxy+}', methods: [ANY], integration: rules });
    this.api.addRoutes({ path: '/api/v2/{proxy+}', methods: [ANY], integration: alerts });
    this.api.addRoutes({ path: '/api/v2/silences', methods: [ANY], integration: silences });
    this.api.addRoutes({ path: '/api/v2/silence/{id}', methods: [ANY], integration: silences });
    this.api.addRoutes({ path: '/v1/alerts/{proxy+}', methods: [ANY], integration: alerts });
    this.api.addRoutes({ path: '/v1/channels', methods: [GET], integration: channels });
    this.api.addRoutes({ path: '/v1/channels/actions/redeliver', methods: [POST], integration: channels });
    this.api.addRoutes({ path: '/v1/channels/actions/test', methods: [POST], integration: channels });
    this.api.addRoutes({ path: '/v1/answers', methods: [GET, POST], integration: answers });
    this.api.addRoutes({ path: '/v1/channels/actions/preview', methods: [POST], integration: channels });
    this.api.addRoutes({ path: '/v1/silences', methods: [ANY], integration: silences });
    this.api.addRoutes({ path: '/v1/silences/{proxy+}', methods: [ANY], integration: silences });
    this.api.addRoutes({ path: '/v1/slack/interactions', methods: [POST], integration: answers });
    this.api.addRoutes({ path: '/v1/routes', methods: [ANY], integration: silences });
    this.api.addRoutes({ path: '/v1/routes/actions/test', methods: [POST], integration: alerts });
    this.api.addRoutes({ path: '/v1/hosts/{id}/metrics', methods: [POST], integration: ingest });
    for (const path of METRICS_PATHS) this.api.addRoutes({ path, methods: [GET], integration: metrics });
    const authorizer = new HttpIamAuthorizer();
    this.api.addRoutes({ path: '/v1/token', methods: [POST], integration: projects, authorizer });
    // An unknown path is answered as a problem too.
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
  AUDIT_TABLE: state.audit.tableName,
  TELEMETRY_TABLE: state.telemetry.tableName,
  AUDIT_BUCKET: state.heads.bucketName,
  BUCKET_NAME: state.bucket.bucketName,
  BUS_NAME: state.bus.eventBusName,
  LOOKS_QUEUE_URL: state.looks.queue.queueUrl,
  BEATS_QUEUE_URL: state.beats.queue.queueUrl,
  ACTIONS_QUEUE_URL: state.actions.queue.queueUrl,
  ALERT_TOPIC_ARN: state.alerts.topicArn,
  SLACK_WEBHOOK_PARAMETER: config.slackWebhookParameter ?? '',
  NODE_ROLE_NAME: hosts.nodeRole.roleName,
  ACCOUNT: Aws.ACCOUNT_ID,
  REGIONS: [Aws.REGION, ...config.regions].join(','),
  API_URL: stack.api.apiEndpoint,
  OIDC_ISSUER: stack.issuer.url,
  OIDC_AUDIENCE: stack.issuer.audience,
  IAM_ROLES: JSON.stringify(config.iamRoles),
  STATE_MACHINE_PREFIX: `arn:${Aws.PARTITION}:states:${Aws.REGION}:${Aws.ACCOUNT_ID}:stateMachine:novacron-${config.installation}-`,
});

const stageOf = (stack: ApiStack, config: Config, state: StateStack): HttpStage => {
  const traits = STAGE_TRAITS[config.stage];
  const logs = new LogGroup(stack, 'AccessLogs', {
    logGroupName: `/aws/vendedlogs/novacron-${config.installation}-api`,
    retention: traits.logDays,
    encryptionKey: state.key,
    removalPolicy: traits.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
  const stage = new HttpStage(stack, 'Stage', {
    httpApi: stack.api,
    stageName: '$default',
    autoDeploy: true,
    throttle: { rateLimit: config.apiRateLimit, burstLimit: config.apiBurstLimit },
    accessLogSettings: { destination: new LogGroupLogDestination(logs), format: ACCESS_LOG },
  });
  throttleRoutes(stage);
  // What is set for a route needs the route.
  stage.node.addDependency(stack.api);
  return stage;
};

const METRICS_PATHS = [
  '/metrics',
  '/v1/hosts/{id}/metrics',
  '/v1/metrics/{proxy+}',
  '/v1/sd/prometheus',
  '/v1/vms/{id}/metrics',
];

/** Requests a second of what costs more than most, or asks for no token: on top of what everybody has together. */
const ROUTE_LIMITS: Readonly<Record<string, number>> = {
  'GET /v1/openapi.json': 20,
  'GET /v1/vms/{id}/console-log': 20,
  'GET /v1/hosts/{id}/install-script': 20,
  'POST /v1/hosts/enrol': 10,
  'POST /v1/token': 10,
  'GET /v1/answers': 20,
  'POST /v1/answers': 10,
  'POST /v1/channels/actions/redeliver': 2,
  'POST /v1/slack/interactions': 10,
  'POST /v1/channels/actions/test': 2,
  'POST /v1/findings/actions/check': 2,
  'POST /v1/reconcile': 2,
};

/** The construct knows the default alone. */
const throttleRoutes = (stage: HttpStage): void => {
  const { defaultChild } = stage.node;
  if (!(defaultChild instanceof CfnStage)) throw new Error('An HttpStage is made of something else by now.');
  defaultChild.routeSettings = Object.fromEntries(
    Object.entries(ROUTE_LIMITS).map(([route, perSecond]) => [
      route,
      { ThrottlingRateLimit: perSecond, ThrottlingBurstLimit: 5 * perSecond },
    ]),
  );
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
