import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { resourcesOf, templatesOf } from '../support/stacks.ts';

let prod: ReadonlyMap<string, Template>;
let dev: ReadonlyMap<string, Template>;
beforeAll(() => {
  prod = templatesOf();
  dev = templatesOf({ installation: 'test', stage: 'dev' });
});

/** Logical ids of one type, by `<stack>/<id>`. */
const idsOf = (type: string): string[] => [...resourcesOf(prod, type).keys()];

/** Wherever a function is named by what calls it, as JSON. */
const CALLERS: readonly string[] = [
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Permission',
  'AWS::ApiGatewayV2::Integration',
  'AWS::Events::Rule',
  'AWS::Scheduler::Schedule',
  'AWS::SNS::Subscription',
  'AWS::StepFunctions::StateMachine',
];

describe('a release in prod', () => {
  it('goes to a tenth of the calls of each function for five minutes first', () => {
    const groups = [...resourcesOf(prod, 'AWS::CodeDeploy::DeploymentGroup').values()].map(
      ({ Properties }) => Properties,
    );
    expect(groups).toHaveLength(idsOf('AWS::Lambda::Function').length);
    for (const group of groups) {
      expect(group).toMatchObject({
        DeploymentConfigName: 'CodeDeployDefault.LambdaCanary10Percent5Minutes',
        AlarmConfiguration: { Enabled: true },
        AutoRollbackConfiguration: { Enabled: true, Events: expect.arrayContaining(['DEPLOYMENT_STOP_ON_ALARM']) },
      });
    }
    const aliases = [...resourcesOf(prod, 'AWS::Lambda::Alias').values()];
    expect(aliases).toHaveLength(groups.length);
    for (const alias of aliases) {
      expect(alias).toMatchObject({ UpdatePolicy: { CodeDeployLambdaAliasUpdate: expect.anything() } });
    }
  });

  it('is rolled back by crashes of any function, and by answers of 5xx', () => {
    const alarmsOf = (stack: string): number[] =>
      [...resourcesOf(prod, 'AWS::CodeDeploy::DeploymentGroup')]
        .filter(([id]) => id.startsWith(`${stack}/`))
        .map(([, { Properties }]) => JSON.parse(JSON.stringify(Properties.AlarmConfiguration)).Alarms.length);
    expect(new Set(alarmsOf('Api'))).toEqual(new Set([2]));
    expect(new Set([...alarmsOf('Operations'), ...alarmsOf('Alerts')])).toEqual(new Set([1]));
  });

  it('is met by every caller: nothing calls a function past its alias', () => {
    const functions = new Set(idsOf('AWS::Lambda::Function').map((id) => id.split('/').at(-1)));
    for (const type of CALLERS) {
      const found = [...resourcesOf(prod, type)];
      expect(found.length, type).toBeGreaterThan(0);
      const past = found
        .filter(([, { Properties }]) => {
          const named = [...JSON.stringify(Properties).matchAll(/"(?:Ref|Fn::GetAtt)":\[?"(\w+)"/g)];
          return named.some(([, id]) => functions.has(id));
        })
        .map(([id]) => id);
      expect(past, type).toEqual([]);
    }
  });
});

it('is at once elsewhere: no alias, no deployment group, no alarm that nobody needs', () => {
  for (const type of ['AWS::Lambda::Alias', 'AWS::Lambda::Version', 'AWS::CodeDeploy::DeploymentGroup']) {
    expect(resourcesOf(dev, type).size, type).toBe(0);
  }
});
