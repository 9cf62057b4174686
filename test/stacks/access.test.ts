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
    expect(destructive.length).toBeGreaterThan(5);
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
    expect(launches).toHaveLength(1);
    expect(launches[0]?.[1].Condition?.StringEquals).toMatchObject({
      'aws:RequestTag/novacron:managed': 'true',
      'aws:RequestTag/novacron:installation': 'test',
    });
    const marks = allowing('ec2:CreateTags');
    expect(marks.map(([, { Condition }]) => Condition)).toEqual([
      { StringEquals: { 'ec2:CreateAction': 'RunInstances' } },
    ]);
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

  it('lets one function put audit rows, and none change them', () => {
    const audit = statements.filter(([, { Resource }]) =>
      /ImportValue":"[^"]*Audit\w+Arn/.test(JSON.stringify(Resource)),
    );
    expect(audit.map(([, { Action }]) => Action)).toEqual(['dynamodb:PutItem']);
  });

  it('never scans a table', () => {
    expect(places(allowing('dynamodb:Scan'))).toEqual([]);
  });
});

describe('who may act for us', () => {
  it('trusts each service only on behalf of this account, where the service says for whom it acts', () => {
    const trusts = [...resourcesOf(templates, 'AWS::IAM::Role')].flatMap(([id, { Properties }]) =>
      Properties.AssumeRolePolicyDocument.Statement.map((statement: Statement) => [id, statement] as const),
    );
    // Lambda, EC2 and Step Functions do not set aws:SourceAccount when they assume a role at creation.
    const silent = /"Service":"(lambda|ec2|states)\.amazonaws\.com"/;
    const loose = trusts.filter(
      ([, statement]: readonly [string, Statement]) =>
        !silent.test(JSON.stringify(statement.Principal)) && !statement.Condition?.StringEquals?.['aws:SourceAccount'],
    );
    expect(
      loose.map(([id]: readonly [string, Statement]) => id).filter((id: string) => !id.startsWith('Region-')),
    ).toEqual([]);
  });

  it('leaves one route to the gateway’s own IAM check, and the rest to our middleware', () => {
    const routes = [...resourcesOf(templates, 'AWS::ApiGatewayV2::Route').values()].map(({ Properties }) => Properties);
    const byIam = routes.filter(({ AuthorizationType }) => AuthorizationType === 'AWS_IAM');
    expect(byIam.map(({ RouteKey }) => RouteKey)).toEqual(['POST /v1/token']);
    expect(routes.map(({ RouteKey }) => RouteKey)).toContain('$default');
  });
});
