import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { STAR_ACTIONS } from '../../lib/star-actions.ts';
import { listOf, resourcesOf, type Statement, statementsOf, templatesOf } from '../support/stacks.ts';

let templates: ReadonlyMap<string, Template>;
let statements: readonly (readonly [string, Statement])[];
beforeAll(() => {
  templates = templatesOf();
  statements = statementsOf(templates).filter(([, { Effect }]) => Effect === 'Allow');
});

const allowing = (...actions: string[]) =>
  statements.filter(([, { Action }]) => listOf(Action).some((action) => actions.includes(action)));

const places = (found: readonly (readonly [string, Statement])[]): string[] => found.map(([place]) => place);

describe('what functions may do', () => {
  it('gives each function a role of its own', () => {
    const functions = [...resourcesOf(templates, 'AWS::Lambda::Function').values()];
    const roles = functions.map(({ Properties }) => JSON.stringify(Properties.Role));
    expect(functions.length).toBeGreaterThan(20);
    expect(new Set(roles).size).toBe(functions.length);
  });

  it('names every action', () => {
    expect(
      places(statements.filter(([, { Action }]) => listOf(Action).some((action) => action.includes('*')))),
    ).toEqual([]);
  });

  it('allows on every resource only what AWS cannot bind to one', () => {
    const wide = statements
      .filter(([, { Resource }]) => listOf(Resource).includes('*'))
      .flatMap(([, { Action }]) => listOf(Action));
    expect([...new Set(wide)].filter((action) => !STAR_ACTIONS.has(action))).toEqual([]);
    expect([...STAR_ACTIONS].filter((action) => !wide.includes(action))).toEqual([]);
  });

  it('touches only instances that carry our marks', () => {
    const destructive = allowing(
      ...['Start', 'Stop', 'Reboot', 'Terminate'].map((verb) => `ec2:${verb}Instances`),
      'ec2:ModifyInstanceAttribute',
      'ec2:GetConsoleOutput',
    );
    expect(destructive.length).toBeGreaterThan(4);
    for (const [place, { Condition }] of destructive) {
      expect(Condition?.StringEquals, place).toMatchObject({
        'aws:ResourceTag/novacron:managed': 'true',
        'aws:ResourceTag/novacron:installation': 'test',
      });
    }
  });

  it('launches nothing without our marks, and marks nothing but what it launches', () => {
    const launches = allowing('ec2:RunInstances').filter(([, { Resource }]) =>
      JSON.stringify(Resource).includes(':instance/'),
    );
    // The step, and the listener that launches later what EC2 refused for haste.
    expect(launches).toHaveLength(2);
    for (const [place, { Condition }] of launches) {
      expect(Condition?.StringEquals, place).toMatchObject({
        'aws:RequestTag/novacron:managed': 'true',
        'aws:RequestTag/novacron:installation': 'test',
      });
    }
    const marks = allowing('ec2:CreateTags').map(([, { Condition }]) => Condition);
    expect(marks).toEqual(launches.map(() => ({ StringEquals: { 'ec2:CreateAction': 'RunInstances' } })));
  });

  it('sends our documents only, and only to nodes of this installation', () => {
    const sends = allowing('ssm:SendCommand');
    expect(sends.length).toBeGreaterThan(10);
    for (const [place, { Resource, Condition }] of sends) {
      const text = JSON.stringify(Resource);
      const toDocuments = /:document\/NovaCron-test-\w+"/.test(text) && !text.includes('*');
      const toNodes = Condition?.StringEquals?.['ssm:resourceTag/novacron:installation'] === 'test';
      expect(toDocuments || toNodes, place).toBe(true);
    }
  });

  it('passes one role, to SSM', () => {
    const passes = allowing('iam:PassRole');
    expect(passes.map(([, { Condition }]) => Condition)).toEqual([
      { StringEquals: { 'iam:PassedToService': 'ssm.amazonaws.com' } },
    ]);
    expect(JSON.stringify(passes[0]?.[1].Resource)).toContain('NodeRole');
  });

  /** About parameters below the prefix of receivers, and about none beside it. */
  const isOfReceivers = (each: readonly [string, Statement]): boolean =>
    JSON.stringify(each).includes(':parameter/novacron/test/receivers/*/*"') &&
    JSON.stringify(each).split(':parameter/').length === 2;

  /** About the parameter in which the secret of a store of metrics lies, and about none beside it. */
  const isOfStore = (each: readonly [string, Statement]): boolean =>
    JSON.stringify(each).includes(':parameter/novacron/remote-write"') &&
    JSON.stringify(each).split(':parameter/').length === 2;

  const onAudit = (effect: string) =>
    statementsOf(templates).filter(
      ([place, { Effect, Resource }]) =>
        Effect === effect &&
        /Role/.test(place) &&
        /ImportValue":"[^"]*Audit\w+Arn/.test(JSON.stringify(Resource)) &&
        listOf(JSON.stringify(Resource)).every((text) => !text.includes('AuditHeads')),
    );

  it('lets one function put audit rows, and none change them', () => {
    const allowed = onAudit('Allow').map(([place, { Action }]) => [place, listOf(Action).toSorted()]);
    const of = (entry: string) =>
      allowed.filter(([place]) => String(place).includes(entry)).map(([, actions]) => actions);
    expect(of('StateStreamed')).toEqual([['dynamodb:PutItem', 'dynamodb:Query']]);
    expect(of('ApiAudit')).toEqual([['dynamodb:Query']]);
    expect(of('SignAudit')).toEqual([['dynamodb:Query']]);
    expect(allowed).toHaveLength(3);
  });

  it('denies its writer, and whoever else, to change or delete what is in the audit table', () => {
    const changes = ['dynamodb:BatchWriteItem', 'dynamodb:DeleteItem', 'dynamodb:UpdateItem'];
    expect(
      onAudit('Deny').map(([place, { Action }]) => [/StateStreamed/.test(place), listOf(Action).toSorted()]),
    ).toEqual([[true, changes]]);
    const tables = [...resourcesOf(templates, 'AWS::DynamoDB::Table')].filter(([id]) => /Audit/.test(id));
    expect(tables.map(([, { Properties }]) => Properties.ResourcePolicy?.PolicyDocument.Statement)).toMatchObject([
      [{ Effect: 'Deny', Principal: { AWS: '*' }, Action: expect.arrayContaining(changes) }],
    ]);
  });

  it('lets one function sign, and gives its key to nobody else', () => {
    const keys = statements.filter(
      (each) =>
        /ssm:PutParameter|PARAMETER_ARN|\/audit-key\//.test(JSON.stringify(each)) &&
        !isOfReceivers(each) &&
        !isOfStore(each),
    );
    expect(keys.length).toBeGreaterThan(1);
    expect(places(keys).filter((place) => !/SignAudit/.test(place))).toEqual([]);
    const puts = allowing('s3:PutObject').filter(([, { Resource }]) => JSON.stringify(Resource).includes('/heads/*'));
    expect(places(puts)).toEqual([expect.stringContaining('SignAudit')]);
    const takesAway = allowing('s3:DeleteObjectVersion', 's3:BypassGovernanceRetention', 's3:PutObjectRetention');
    expect(places(takesAway)).toEqual([]);
  });

  it('lets three functions read the secrets of receivers, the one that tells, the one that tries and the one that Slack speaks to, below their prefix, and open nothing else', () => {
    const reads = statements.filter(isOfReceivers);
    expect(reads.map(([, { Action }]) => Action)).toEqual(Array(3).fill(['ssm:GetParameter', 'kms:Decrypt']).flat());
    for (const [place, { Condition }] of reads) {
      expect(place).toMatch(/AlertingGroupDue|ApiAnswers|ApiChannels/);
      expect(Object.keys(Condition ?? {})).toEqual(Condition ? ['StringEquals', 'StringLike'] : []);
    }
  });

  it('lets one function read the secret of a store of metrics, read samples, and write what it has told', () => {
    const exporting = statements.filter(([place]) => /ExportDueBaseRole/.test(place));
    expect(places(statements.filter(isOfStore)).every((place) => /ExportDue/.test(place))).toBe(true);
    expect(exporting.filter(isOfStore).map(([, { Action }]) => Action)).toEqual(['ssm:GetParameter', 'kms:Decrypt']);
    const onTelemetry = exporting.filter(([, { Resource }]) => /Telemetry/.test(JSON.stringify(Resource)));
    expect(onTelemetry.map(([, { Action, Condition }]) => [Action, Condition])).toEqual([
      ['dynamodb:Query', { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['samples#*'] } }],
      [
        ['dynamodb:GetItem', 'dynamodb:PutItem'],
        { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['export#*'] } },
      ],
    ]);
    const actions = exporting.flatMap(([, { Action }]) => listOf(Action));
    expect(actions.filter((action) => /dynamodb:(Delete|Update|Scan)|PutEvents|SendCommand/.test(action))).toEqual([]);
  });

  it('lets two timed jobs scan the table, the audit and the one that erases, and nobody else', () => {
    expect(places(allowing('dynamodb:Scan')).toSorted()).toEqual([
      expect.stringContaining('AuditInstallation'),
      expect.stringContaining('ReclaimRetained'),
    ]);
  });

  it('lets the job that erases projects remove rows of the partitions that projects have, and of no other', () => {
    const removes = allowing('dynamodb:DeleteItem', 's3:DeleteObject').filter(([place]) =>
      /ReclaimRetained/.test(place),
    );
    expect(removes.map(([, { Action, Condition }]) => [Action, Condition])).toEqual([
      [
        'dynamodb:DeleteItem',
        {
          'ForAllValues:StringLike': {
            'dynamodb:LeadingKeys': ['vm#*', 'op#*', 'token#*', 'key#*', 'image#*', 'p#*'],
          },
        },
      ],
      ['s3:DeleteObject', undefined],
    ]);
    expect(JSON.stringify(removes[1]?.[1].Resource)).toContain('/user-data/*');
  });

  it('lets each function of the API count requests in the telemetry table, and one write samples there', () => {
    const onTelemetry = statements.filter(
      ([place, { Resource }]) => /BaseRole/.test(place) && /Telemetry/.test(JSON.stringify(Resource)),
    );
    const ofApi = onTelemetry.filter(([place]) => /ApiRole|Api\w+BaseRole/.test(place));
    const keysOf = (...keys: string[]) => ({ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys } });
    const [counts, others] = [true, false].map((isCount) =>
      ofApi.filter(([, { Action }]) => listOf(Action).includes('dynamodb:UpdateItem') === isCount),
    );
    expect(
      others?.map(([place, { Action, Condition }]) => [
        /Api(Channels|Ingest|Metrics)/.exec(place)?.[1],
        Action,
        Condition,
      ]),
    ).toEqual([
      ['Ingest', 'dynamodb:PutItem', keysOf('samples#*', 'samples-due')],
      ['Ingest', 'dynamodb:Query', keysOf('samples#*', 'series#*')],
      ['Ingest', ['dynamodb:GetItem', 'dynamodb:PutItem'], keysOf('rules#*')],
      ['Metrics', 'dynamodb:Query', keysOf('samples#*', 'series#*')],
      ['Channels', 'dynamodb:GetItem', keysOf('channel#*')],
    ]);
    expect(counts).toHaveLength(17);
    for (const [place, { Action, Condition }] of counts ?? []) {
      expect(listOf(Action), place).toEqual(['dynamodb:UpdateItem']);
      expect(Condition, place).toEqual({ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['rate#*'] } });
    }
    const ofOthers = onTelemetry.filter((each) => !ofApi.includes(each));
    const updates = ofOthers.filter(([, { Action }]) => listOf(Action).includes('dynamodb:UpdateItem'));
    expect(updates.map(([, { Action, Condition }]) => [Action, Condition])).toEqual([
      ['dynamodb:UpdateItem', keysOf('channel#*')],
      ['dynamodb:UpdateItem', keysOf('channel#*')],
    ]);
  });

  it('lets the audit write its own two rows, and nothing at a provider', () => {
    const audit = statements.filter(([place]) => /AuditInstallationBaseRole/.test(place));
    const actions = audit.flatMap(([, { Action }]) => listOf(Action));
    expect(actions.filter((action) => /Terminate|Modify|SendCommand|Delete|Start|Stop/.test(action))).toEqual([]);
    const writes = audit.filter(([, { Action }]) => listOf(Action).includes('dynamodb:PutItem'));
    expect(writes.map(([, { Condition }]) => Condition)).toEqual([
      { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['plane'] } },
    ]);
  });
});

describe('who may act for us', () => {
  it('trusts each service only on behalf of this account, where the service says for whom it acts', () => {
    const trusts = [...resourcesOf(templates, 'AWS::IAM::Role')].flatMap(([id, { Properties }]) =>
      Properties.AssumeRolePolicyDocument.Statement.map((statement: Statement) => [id, statement] as const),
    );
    // Lambda and EC2 do not say for whom they act when they assume a role; a role of theirs is passed within its account only.
    const silent = /"Service":"(lambda|ec2)\.amazonaws\.com"/;
    const loose = trusts.filter(
      ([, statement]: readonly [string, Statement]) =>
        !silent.test(JSON.stringify(statement.Principal)) && !statement.Condition?.StringEquals?.['aws:SourceAccount'],
    );
    expect(loose.map(([id]: readonly [string, Statement]) => id)).toEqual([]);
  });

  it('leaves one route to the gateway’s own IAM check, and the rest to our middleware', () => {
    const routes = [...resourcesOf(templates, 'AWS::ApiGatewayV2::Route').values()].map(({ Properties }) => Properties);
    const byIam = routes.filter(({ AuthorizationType }) => AuthorizationType === 'AWS_IAM');
    expect(byIam.map(({ RouteKey }) => RouteKey)).toEqual(['POST /v1/token']);
    expect(routes.map(({ RouteKey }) => RouteKey)).toContain('$default');
  });

  it('has no way in but these routes, each to a function that authenticates', () => {
    const routes = [...resourcesOf(templates, 'AWS::ApiGatewayV2::Route').values()].map(({ Properties }) => Properties);
    expect(routes.map(({ RouteKey }) => RouteKey).sort()).toEqual([
      '$default',
      'ANY /api/v2/silence/{id}',
      'ANY /api/v2/silences',
      'ANY /api/v2/{proxy+}',
      'ANY /v1/alerts/{proxy+}',
      'ANY /v1/calendars',
      'ANY /v1/calendars/{proxy+}',
      'ANY /v1/groups',
      'ANY /v1/groups/{proxy+}',
      'ANY /v1/routes',
      'ANY /v1/rules',
      'ANY /v1/rules/{proxy+}',
      'ANY /v1/schedules',
      'ANY /v1/schedules/{proxy+}',
      'ANY /v1/silences',
      'ANY /v1/silences/{proxy+}',
      'ANY /v1/windows',
      'ANY /v1/windows/{proxy+}',
      'ANY /v1/{proxy+}',
      'DELETE /v1/projects/{id}',
      'DELETE /v1/tokens/{id}',
      'GET /metrics',
      'GET /v1/answers',
      'GET /v1/audit',
      'GET /v1/audit/heads',
      'GET /v1/audit/key',
      'GET /v1/channels',
      'GET /v1/findings',
      'GET /v1/hosts/{id}/install-script',
      'GET /v1/hosts/{id}/metrics',
      'GET /v1/metrics/{proxy+}',
      'GET /v1/openapi.json',
      'GET /v1/schedules',
      'GET /v1/schedules/{id}',
      'GET /v1/schedules/{id}/preview',
      'GET /v1/sd/prometheus',
      'GET /v1/vms/{id}/console-log',
      'GET /v1/vms/{id}/metrics',
      'GET /v1/vms/{id}/schedule',
      'GET /v1/{proxy+}',
      'PATCH /v1/projects/{id}',
      'POST /v1/answers',
      'POST /v1/channels/actions/preview',
      'POST /v1/channels/actions/redeliver',
      'POST /v1/channels/actions/test',
      'POST /v1/findings/actions/check',
      'POST /v1/hosts/enrol',
      'POST /v1/hosts/{id}/actions/retire',
      'POST /v1/hosts/{id}/metrics',
      'POST /v1/hosts/{id}/report',
      'POST /v1/projects',
      'POST /v1/reconcile',
      'POST /v1/routes/actions/test',
      'POST /v1/slack/interactions',
      'POST /v1/token',
      'POST /v1/tokens',
    ]);
    const served = [...resourcesOf(templates, 'AWS::ApiGatewayV2::Integration').values()].map(({ Properties }) =>
      JSON.stringify(Properties.IntegrationUri),
    );
    expect(served).toHaveLength(18);
    for (const target of served)
      expect(target).toMatch(
        /Api(Read|Write|Projects|Report|Hosts|Reach|Audit|Schedules|Previews|Calendars|Windows|Alerts|Ingest|Metrics|Rules|Channels|Silences|Answers)\w*/,
      );
    for (const type of ['AWS::Lambda::Url', 'AWS::ApiGateway::RestApi', 'AWS::ElasticLoadBalancingV2::LoadBalancer'])
      expect(resourcesOf(templates, type).size, type).toBe(0);
    expect(resourcesOf(templates, 'AWS::ApiGatewayV2::Api').size).toBe(1);
  });

  it('throttles all requests together, and routes that cost more or ask for no token each for itself', () => {
    const [stage, ...more] = [...resourcesOf(templates, 'AWS::ApiGatewayV2::Stage').values()];
    expect(more).toEqual([]);
    if (stage === undefined) throw new Error('there is no stage');
    const { DefaultRouteSettings, RouteSettings } = stage.Properties;
    expect(DefaultRouteSettings).toEqual({ ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 2000 });
    const routes = [...resourcesOf(templates, 'AWS::ApiGatewayV2::Route').values()].map(
      ({ Properties }) => Properties.RouteKey,
    );
    expect(routes).toEqual(expect.arrayContaining(Object.keys(RouteSettings)));
    expect(Object.keys(RouteSettings)).toEqual(expect.arrayContaining(['GET /v1/openapi.json', 'POST /v1/token']));
    for (const { ThrottlingRateLimit, ThrottlingBurstLimit } of Object.values(RouteSettings)) {
      expect(ThrottlingRateLimit).toBeLessThanOrEqual(20);
      expect(ThrottlingBurstLimit).toBeLessThanOrEqual(100);
    }
  });

  it('lets only services of AWS invoke a function, each for one source', () => {
    const permissions = [...resourcesOf(templates, 'AWS::Lambda::Permission')];
    expect(permissions.length).toBeGreaterThan(10);
    for (const [id, { Properties }] of permissions) {
      expect(Properties.Principal, id).toMatch(/^(apigateway|events|sns|scheduler|lambda)\.amazonaws\.com$/);
      expect(Properties.SourceArn, id).toBeDefined();
    }
  });
});
