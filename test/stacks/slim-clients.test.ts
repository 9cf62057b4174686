import { createRequire } from 'node:module';
import * as original from '@aws-sdk/client-ec2';
import { buildSync } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { fewerErrors, literalKeys, type SlimClient, slimClient } from '../../lib/slim-clients.ts';
import { slimSmithy } from '../../lib/slim-smithy.ts';

type Ec2 = typeof original;

const require = createRequire(import.meta.url);
const made = new Map<SlimClient, ReturnType<typeof require>>();

/** On the slim core, as in a function. As one file: as a thousand the test runner takes twenty seconds to load it. */
const loaded = (name: SlimClient) => {
  if (made.has(name)) return made.get(name);
  const outfile = slimClient(name).replace('dist-es/index.js', 'one-file.cjs');
  buildSync({
    entryPoints: [slimClient(name)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    mainFields: ['module', 'main'],
    alias: slimSmithy(),
    logLevel: 'error',
  });
  made.set(name, require(outfile));
  return made.get(name);
};

let slim: Ec2;
beforeAll(() => {
  slim = loaded('client-ec2');
});

const ANSWER = `<R xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><reservationSet><item><reservationId>r-1</reservationId>
<instancesSet><item><instanceId>i-1</instanceId><instanceState><code>16</code><name>running</name></instanceState>
<launchTime>2026-11-25T10:00:00.000Z</launchTime><tagSet><item><key>a&amp;b</key><value>&lt;c&gt;</value></item></tagSet>
<blockDeviceMapping><item><deviceName>/dev/xvda</deviceName><ebs><volumeId>vol-1</volumeId></ebs></item></blockDeviceMapping>
<cpuOptions><coreCount>1</coreCount><threadsPerCore>2</threadsPerCore></cpuOptions></item></instancesSet></item></reservationSet>
<instancesSet><item><instanceId>i-1</instanceId><currentState><code>64</code><name>stopping</name></currentState></item></instancesSet>
<volumeSet><item><volumeId>vol-1</volumeId><size>8</size></item></volumeSet><nextToken>next</nextToken>
<imagesSet><item><imageId>ami-1</imageId><rootDeviceName>/dev/xvda</rootDeviceName></item></imagesSet>
<output>aGVsbG8=</output></R>`;

/** Sends one command to nowhere: the body that went out, and what came of a fixed answer. */
const sendBy = async (ec2: Ec2, command: keyof Ec2, input: object): Promise<{ body: string; output: unknown }> => {
  let body = '';
  const handle = async (request: { body: string }) => {
    body = request.body;
    const bytes = new TextEncoder().encode(ANSWER);
    return { response: { statusCode: 200, headers: {}, body: new Blob([bytes]).stream() } };
  };
  const client = new ec2.EC2Client({
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    requestHandler: { handle } as never, // as little of a handler as a client calls
  });
  const Command = ec2[command] as new (input: object) => never; // every name below is a command's
  const { $metadata, ...output } = (await client.send(new Command(input))) as { $metadata: unknown };
  return { body, output };
};

const INSTANCE = { InstanceIds: ['i-1'] };
const RUN = {
  MinCount: 1,
  MaxCount: 1,
  ClientToken: 'a b&c=d',
  ImageId: 'ami-1',
  InstanceType: 't3.small',
  BlockDeviceMappings: [
    { DeviceName: '/dev/xvda', Ebs: { Encrypted: true, VolumeSize: 8, DeleteOnTermination: true } },
  ],
  MetadataOptions: { HttpTokens: 'required', HttpEndpoint: 'enabled' },
  DisableApiTermination: false,
  UserData: 'IyE=',
  Placement: { AvailabilityZone: 'us-east-1a' },
  SecurityGroupIds: ['sg-1', 'sg-2'],
  SubnetId: 'subnet-1',
  KeyName: 'ké',
  LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '$Default' },
  TagSpecifications: [{ ResourceType: 'volume', Tags: [{ Key: 'a&b', Value: '<ü>' }] }],
};

describe('the slim client-ec2', () => {
  it.each([
    ['RunInstancesCommand', RUN],
    ['DescribeInstancesCommand', { Filters: [{ Name: 'tag:x', Values: ['1', '2'] }], MaxResults: 5, NextToken: 'n' }],
    ['DescribeVolumesCommand', { VolumeIds: ['vol-1'] }],
    ['DescribeImagesCommand', { Owners: ['1'], ImageIds: ['ami-1'], Filters: [{ Name: 'name', Values: ['x*'] }] }],
    ['StartInstancesCommand', INSTANCE],
    ['StopInstancesCommand', { ...INSTANCE, Force: true, SkipOsShutdown: true }],
    ['RebootInstancesCommand', INSTANCE],
    ['TerminateInstancesCommand', INSTANCE],
    ['DescribeLaunchTemplateVersionsCommand', { LaunchTemplateId: 'lt-1', Versions: ['1'], ResolveAlias: true }],
    ['GetConsoleOutputCommand', { InstanceId: 'i-1', Latest: true }],
    ['ModifyInstanceAttributeCommand', { InstanceId: 'i-1', DisableApiTermination: { Value: false } }],
  ] as const)('asks and reads %s as the original does', async (command, input) => {
    const [ours, theirs] = [await sendBy(slim, command, input), await sendBy(original, command, input)];
    expect(ours).toEqual(theirs);
    expect(theirs.body).toContain(`Action=${command.replace('Command', '')}`);
  });

  it('writes out only keys whose constant it knows', () => {
    expect(literalKeys('const _a = "x";\nvar s = [{ [_a]: 1, [_b]: 2, [a]: 3 }];')).toBe(
      'const _a = "x";\nvar s = [{ "x": 1, [_b]: 2, [a]: 3 }];',
    );
  });
});

type Sdk = Record<string, new (input: object) => { send: (command: object) => Promise<object> }>;

/** What comes of one command of a client that speaks JSON, where the service answers this. */
const cameBy = async (sdk: Sdk, [client, command, input]: readonly [string, string, object], answer: Answer) => {
  const [Client, Command] = [sdk[client], sdk[command]];
  if (Client === undefined || Command === undefined) throw new Error(`there is no ${client} or ${command}`);
  const handle = async () => {
    const body = new Blob([new TextEncoder().encode(JSON.stringify(answer.body))]).stream();
    return { response: { statusCode: answer.status, headers: { 'x-amzn-requestid': 'r' }, body } };
  };
  const settings = { region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, maxAttempts: 1 };
  try {
    return { output: await new Client({ ...settings, requestHandler: { handle } }).send(new Command(input)) };
  } catch (error) {
    // Only an error of the SDK can come, and these are the fields that we look at.
    const { name, message, $fault, CancellationReasons } = error as Error & Record<string, unknown>;
    return { name, message, $fault, CancellationReasons };
  }
};
interface Answer {
  readonly status: number;
  readonly body: object;
}

describe.each([
  [
    'client-ssm',
    ['SSMClient', 'SendCommandCommand', { DocumentName: 'd', InstanceIds: ['mi-1'] }],
    'InvalidInstanceId',
  ],
  [
    'client-cloudwatch',
    [
      'CloudWatchClient',
      'GetMetricDataCommand',
      { StartTime: new Date(0), EndTime: new Date(1), MetricDataQueries: [] },
    ],
    'InvalidNextToken',
  ],
  ['client-sfn', ['SFNClient', 'SendTaskSuccessCommand', { taskToken: 't', output: '{}' }], 'TaskTimedOut'],
  [
    'client-sqs',
    ['SQSClient', 'SendMessageCommand', { QueueUrl: 'https://q.test/q', MessageBody: 'm' }],
    'QueueDoesNotExist',
  ],
  [
    'client-dynamodb',
    ['DynamoDBClient', 'TransactWriteItemsCommand', { TransactItems: [] }],
    'TransactionCanceledException',
  ],
  [
    'client-dynamodb',
    ['DynamoDBClient', 'GetItemCommand', { TableName: 't', Key: {} }],
    'ConditionalCheckFailedException',
  ],
] as const)('the slim %s', (name, call, fault) => {
  const reasons = [{ Code: 'ConditionalCheckFailed', Message: 'no' }, { Code: 'None' }];

  it.each<[string, Answer]>([
    [fault, { status: 400, body: { __type: `com.amazonaws.x#${fault}`, message: 'no', CancellationReasons: reasons } }],
    ['ThrottlingException', { status: 400, body: { __type: 'ThrottlingException', message: 'slow down' } }],
    ['InternalServerError', { status: 500, body: { __type: 'InternalServerError', message: 'ours' } }],
  ])('tells of %s as the original does', async (told, answer) => {
    const theirs = await cameBy(require(`@aws-sdk/${name}`), call, answer);
    expect(theirs).toMatchObject({ name: told, $fault: answer.status < 500 ? 'client' : 'server' });
    expect(await cameBy(loaded(name), call, answer)).toMatchObject(theirs);
  });

  it('reads an answer as the original does', async () => {
    const MetricDataResults = [{ Id: 'q0', Timestamps: [1_795_770_000], Values: [1.5], StatusCode: 'Complete' }];
    const body = { Command: { CommandId: 'c' }, Item: { a: { S: 'x' } }, MessageId: 'm', MetricDataResults };
    const answer = { status: 200, body };
    const theirs = await cameBy(require(`@aws-sdk/${name}`), call, answer);
    expect(await cameBy(loaded(name), call, answer)).toEqual(theirs);
  });
});

it('keeps the classes of errors that are asked for by class, and no other', () => {
  const line = (error: string) => `n0_registry.registerError(${error}$, ${error});`;
  expect(fewerErrors(`${line('A')}\n${line('B')}\n`, ['B'])).toBe(`\n${line('B')}\n`);
});
