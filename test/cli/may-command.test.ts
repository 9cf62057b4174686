import { describe, expect, it } from 'vitest';
import type { IamPrincipal, IamStatement } from '../../cli/iam-account.ts';
import { commanders, isOfPlane } from '../../cli/may-command.ts';

const ALL = ['SendCommand', 'StartSession', 'CreateAssociation', 'StartAutomationExecution'];

const allow = (action: string, resource = '*', more: Partial<IamStatement> = {}): IamStatement => ({
  Effect: 'Allow',
  Action: [action],
  Resource: [resource],
  ...more,
});
const deny = (action: string, more: Partial<IamStatement> = {}): IamStatement => ({
  Effect: 'Deny',
  Action: [action],
  Resource: ['*'],
  ...more,
});

const found = (statements: IamStatement[], more: Partial<IamPrincipal> = {}) => {
  const principal: IamPrincipal = { arn: 'arn:aws:iam::1:user/u', name: 'u', kind: 'user', statements, ...more };
  const [commander] = commanders([principal], 'prod');
  return commander && [...commander.ways, ...(commander.conditional ? ['conditional'] : [])];
};

const tagged = (installation: string) => ({
  Condition: { StringEquals: { 'ssm:resourceTag/novacron:installation': installation } },
});

describe('who may command hosts', () => {
  it.each<[string, IamStatement[], string[] | undefined]>([
    ['nobody is told anything', [], undefined],
    ['an administrator', [allow('*')], ALL],
    ['all of SSM', [allow('ssm:*')], ALL],
    ['without regard to case', [allow('SSM:sendcommand')], ['SendCommand']],
    ['one character left open', [allow('ssm:SendComman?')], ['SendCommand']],
    ['only to look', [allow('ssm:Describe*'), allow('ec2:*')], undefined],
    ['all but IAM', [{ Effect: 'Allow', NotAction: ['iam:*'], Resource: ['*'] }], ALL],
    ['all but SSM', [{ Effect: 'Allow', NotAction: ['ssm:*'], Resource: ['*'] }], undefined],
    ['to nodes', [allow('ssm:SendCommand', 'arn:aws:ssm:eu-west-1:1:managed-instance/*')], ['SendCommand']],
    ['to one node', [allow('ssm:SendCommand', 'arn:aws:ssm:eu-west-1:1:managed-instance/mi-1')], ['SendCommand']],
    ['to instances', [allow('ssm:StartSession', 'arn:aws:ec2:*:*:instance/*')], ['StartSession']],
    ['to anything of SSM', [allow('ssm:SendCommand', 'arn:aws:ssm:*:*:*')], ['SendCommand']],
    [
      'to a document, and no node',
      [allow('ssm:SendCommand', 'arn:aws:ssm:*:*:document/AWS-RunShellScript')],
      undefined,
    ],
    [
      'to all but documents',
      [{ Effect: 'Allow', Action: ['ssm:SendCommand'], NotResource: ['arn:aws:ssm:*:*:document/*'] }],
      ['SendCommand'],
    ],
    ['under its tag', [allow('ssm:SendCommand', '*', tagged('prod'))], ['SendCommand', 'conditional']],
    ['under the tag of another installation', [allow('ssm:SendCommand', '*', tagged('dev'))], undefined],
    ['denied', [allow('*'), deny('ssm:*')], undefined],
    ['denied one of them', [allow('ssm:*'), deny('ssm:StartSession')], ALL.filter((way) => way !== 'StartSession')],
    [
      'denied under a condition, which may not hold',
      [allow('ssm:SendCommand'), deny('ssm:*', tagged('prod'))],
      ['SendCommand'],
    ],
  ])('%s', (_, statements, expected) => {
    expect(found(statements)).toEqual(expected);
  });

  it('is what the permissions boundary leaves', () => {
    expect(found([allow('*')], { boundary: [allow('s3:*')] })).toBeUndefined();
    expect(found([allow('*')], { boundary: [allow('ssm:StartSession')] })).toEqual(['StartSession']);
    expect(found([allow('*')], { boundary: [allow('*'), deny('ssm:*')] })).toBeUndefined();
  });

  it.each([
    ['role', 'NovaCron-prod-Operations-StepsStartVm-1', true],
    ['role', 'NovaCron-production-Api-1', false],
    ['role', 'Admin', false],
    ['user', 'NovaCron-prod-Operations', false],
  ] as const)('the plane’s own: %s %s is %s', (kind, name, own) => {
    expect(isOfPlane({ arn: '', kind, name, statements: [] }, 'prod')).toBe(own);
  });
});
