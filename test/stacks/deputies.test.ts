import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundle, entries } from '../../lib/bundles.ts';
import { mayDoWithRows } from '../../lib/grants.ts';
import { EVERYTHING, listOf, resourcesOf, type Statement, statementsOf, templatesOf } from '../support/stacks.ts';

/** Every statement of every policy, held to what binds it: S-03, S-04 and S-05 of the security plan, row by row. */
type Placed = readonly [place: string, statement: Statement];

let templates: ReadonlyMap<string, Template>;
let identity: readonly Placed[];
let resources: readonly Placed[];
beforeAll(() => {
  templates = templatesOf();
  identity = statementsOf(templates).filter(([, { Effect }]) => Effect === 'Allow');
  resources = [...resourcesOf(templates)].flatMap(([id, { Type, Properties }]) => {
    const policy =
      /Policy$/.test(Type) && Type !== 'AWS::IAM::Policy'
        ? Properties.PolicyDocument
        : (Properties.KeyPolicy ?? Properties.ResourcePolicy?.PolicyDocument);
    return (policy?.Statement ?? []).map((statement): Placed => [id, statement]);
  });
});

const acting = (...patterns: RegExp[]): Placed[] =>
  identity.filter(([, { Action }]) => listOf(Action).some((action) => patterns.some((each) => each.test(action))));

const keysOf = ({ Condition = {} }: Statement): string[] =>
  Object.values(Condition).flatMap((each) => Object.keys(each));

/** Whatever it is that a statement lets somebody change: what binds it beside its resources. */
const BOUND: readonly (readonly [what: string, actions: RegExp, keys: readonly string[]])[] = [
  [
    'changes of instances',
    /^ec2:(Start|Stop|Reboot|Terminate)Instances$|^ec2:ModifyInstanceAttribute$/,
    ['aws:ResourceTag/novacron:managed', 'aws:ResourceTag/novacron:installation'],
  ],
  [
    'looks into a console',
    /^ec2:GetConsoleOutput$/,
    ['aws:ResourceTag/novacron:managed', 'aws:ResourceTag/novacron:installation'],
  ],
  ['tags', /^ec2:CreateTags$/, ['ec2:CreateAction']],
  ['activations', /^ssm:(CreateActivation|AddTagsToResource)$/, ['aws:RequestTag/novacron:installation']],
  ['ends of registrations', /^ssm:DeregisterManagedInstance$/, ['ssm:resourceTag/novacron:installation']],
  ['passing a role', /^iam:/, ['iam:PassedToService']],
  ['the key of the audit', /^kms:Encrypt$/, ['kms:ViaService', 'kms:EncryptionContext:PARAMETER_ARN']],
];

describe('each statement that changes something', () => {
  it.each(BOUND)('binds %s', (_, actions, keys) => {
    const found = acting(actions);
    expect(found.length).toBeGreaterThan(0);
    for (const [place, statement] of found) expect(keysOf(statement), place).toEqual(expect.arrayContaining([...keys]));
  });

  it('of EC2 and SSM is one of these, a launch, a command, or the one parameter of the audit', () => {
    const known = /^(ssm:SendCommand|ec2:RunInstances|ssm:PutParameter)$/;
    const looks = /^(ec2|ssm):(Get|Describe|List)/;
    const others = acting(/^(ec2|ssm|iam):/)
      .filter(([place]) => !/NodeRole/.test(place))
      .flatMap(([, { Action }]) => listOf(Action))
      .filter((action) => /^(ec2|ssm|iam):/.test(action) && !known.test(action) && !looks.test(action));
    expect(others.filter((action) => !BOUND.some(([, actions]) => actions.test(action)))).toEqual([]);
  });

  it('names what it changes: never every table, queue, topic, bucket, function or machine', () => {
    const changes = /^(dynamodb|sqs|sns|s3|states|lambda|events):(?!Get|List|Describe)/;
    const writes = acting(changes);
    expect(writes.length).toBeGreaterThan(50);
    for (const [place, { Resource }] of writes) expect(listOf(Resource), place).not.toContain('*');
  });

  it('that sends commands is two: our documents by name, and nodes by tag', () => {
    const byRole = Map.groupBy(acting(/^ssm:SendCommand$/), ([place]) => place);
    expect(byRole.size).toBeGreaterThan(10);
    for (const [place, both] of byRole) {
      const tagged = both.filter(([, statement]) =>
        keysOf(statement).includes('ssm:resourceTag/novacron:installation'),
      );
      const named = both.filter((each) => !tagged.includes(each)).map(([, { Resource }]) => JSON.stringify(Resource));
      expect([both.length, tagged.length], place).toEqual([2, 1]);
      expect(named[0], place).toMatch(/:document\/NovaCron-test-\w+"/);
      expect(named[0], place).not.toContain('*');
    }
  });
});

describe('a function’s rows', () => {
  const actionsIn = (code: string) =>
    mayDoWithRows({ tableArn: 'arn:t' }, code).flatMap((statement) => listOf(statement.toStatementJson().Action));
  const does = (entry: string) => actionsIn(bundle(entries()).get(entry)?.text ?? '').toSorted();

  it.each([
    ['events/operation-queued', []],
    ['events/command-finished', ['dynamodb:GetItem']],
    ['steps/start-vm', ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem']],
    ['events/beat-missed', ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query']],
    [
      'steps/record-outcome',
      ['dynamodb:BatchGetItem', 'dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    ],
  ])('are those that the code of %s asks for', (entry, actions) => {
    expect(does(entry)).toEqual(actions);
  });

  it('are told from the code itself: an unminified or renamed call would be missed, and refused on every plane', () => {
    expect(actionsIn('')).toEqual([]);
    const all = new Set(entries().flatMap((entry) => does(entry)));
    expect([...all].toSorted()).toEqual(
      ['BatchGetItem', 'ConditionCheckItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'].map(
        (action) => `dynamodb:${action}`,
      ),
    );
  });
});

describe('nobody acts for somebody else', () => {
  /** One of these says for whom a service acts. */
  const SOURCES = ['aws:SourceArn', 'aws:SourceAccount', 'kms:CallerAccount', 'kms:EncryptionContext:aws:logs:arn'];

  it('through a policy of a queue, topic, bucket, bus, key or table: each service only for us', () => {
    const services = resources.filter(
      ([, { Effect, Principal }]) => Effect === 'Allow' && JSON.stringify(Principal).includes('"Service"'),
    );
    expect(services.length).toBeGreaterThan(5);
    const loose = services.filter(([, statement]) => !keysOf(statement).some((key) => SOURCES.includes(key)));
    expect(loose.map(([place, { Principal }]) => `${place} ${JSON.stringify(Principal)}`)).toEqual([]);
  });

  it('nor does anybody else of another account, whoever he is', () => {
    const others = resources.filter(
      ([, { Effect, Principal }]) => Effect === 'Allow' && !JSON.stringify(Principal).includes('"Service"'),
    );
    const open = others.filter(
      ([, statement]) =>
        !keysOf(statement).includes('kms:CallerAccount') && !/:root"/.test(JSON.stringify(statement.Principal)),
    );
    // Roles of our own stacks are named by their ARNs.
    expect(
      open.filter(([, { Principal }]) => JSON.stringify(Principal).includes('"*"')).map(([place]) => place),
    ).toEqual([]);
  });

  it('by a role: no other account may assume one, so none needs an external id, and no function assumes any', () => {
    const trusts = [...resourcesOf(templates, 'AWS::IAM::Role')].flatMap(([id, { Properties }]) =>
      Properties.AssumeRolePolicyDocument.Statement.map((statement): Placed => [id, statement]),
    );
    expect(
      trusts.filter(([, { Principal }]) => !/^\{"Service":/.test(JSON.stringify(Principal))).map(([id]) => id),
    ).toEqual([]);
    expect(acting(/^sts:/)).toEqual([]);
  });

  it('by a state machine of another account', () => {
    const machines = [...resourcesOf(templates, 'AWS::IAM::Role')].filter(([, { Properties }]) =>
      JSON.stringify(Properties.AssumeRolePolicyDocument).includes('states.amazonaws.com'),
    );
    expect(machines.length).toBeGreaterThan(5);
    for (const [id, { Properties }] of machines) {
      const [trust] = Properties.AssumeRolePolicyDocument.Statement;
      expect(trust && keysOf(trust).toSorted(), id).toEqual(['aws:SourceAccount', 'aws:SourceArn']);
    }
  });
});

describe('a permissions boundary', () => {
  it('is on every role where one is set, and on none else', () => {
    const bounded = templatesOf({ ...EVERYTHING, permissionsBoundary: 'teams/plane' });
    const roles = [...resourcesOf(bounded, 'AWS::IAM::Role')];
    expect(roles.length).toBeGreaterThan(40);
    for (const [id, { Properties }] of roles) {
      expect(JSON.stringify(Properties.PermissionsBoundary), id).toContain(':policy/teams/plane"');
    }
    const free = [...resourcesOf(templates, 'AWS::IAM::Role')];
    expect(free.filter(([, { Properties }]) => Properties.PermissionsBoundary !== undefined)).toEqual([]);
  });
});
