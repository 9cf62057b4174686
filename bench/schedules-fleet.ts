import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DescribeInstancesCommand,
  EC2Client,
  type InstanceStateName,
  RunInstancesCommand,
  StartInstancesCommand,
} from '@aws-sdk/client-ec2';
import { emulator } from './schedules-peers.ts';
import type { Instance } from './schedules-stage.ts';

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' && address ? address.port : 0;
};

/** EC2, and of the peers the rest too. @throws Error where it does not answer within a minute */
export const startMoto = async (): Promise<{ url: string; child: ChildProcess }> => {
  const port = await freePort();
  const child = spawn(await emulator(), ['-m', 'moto.server', '-p', String(port)], { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 120; tries += 1) {
    const isUp = await fetch(`${url}/moto-api/`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return { url, child };
    await wait(500);
  }
  child.kill();
  throw new Error('moto did not answer within a minute');
};

/** The fleet as a person sees it, by the emulator's own door: nothing of it is counted. */
export class Ec2Fleet {
  readonly #ec2: EC2Client;
  readonly #dynamodb: DynamoDBClient;

  constructor(endpoint: string) {
    const settings = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } };
    this.#ec2 = new EC2Client(settings);
    this.#dynamodb = new DynamoDBClient(settings);
  }

  async launch(count: number, batch: string): Promise<void> {
    const Tags = Object.entries({ Schedule: batch }).map(([Key, Value]) => ({ Key, Value }));
    const many = { ImageId: 'ami-12c6146b', InstanceType: 't3.small', MinCount: count, MaxCount: count } as const;
    await this.#ec2.send(new RunInstancesCommand({ ...many, TagSpecifications: [{ ResourceType: 'instance', Tags }] }));
  }

  async instances(): Promise<Instance[]> {
    const { Reservations = [] } = await this.#ec2.send(new DescribeInstancesCommand({}));
    const up = new Set<InstanceStateName | undefined>(['running', 'pending']);
    return Reservations.flatMap(({ Instances = [] }) => Instances).map(({ InstanceId = '', State, Tags = [] }) => ({
      id: InstanceId,
      state: up.has(State?.Name) ? 'running' : 'stopped',
      batch: Tags.find(({ Key }) => Key === 'Schedule')?.Value ?? '',
    }));
  }

  async startAll(): Promise<void> {
    const InstanceIds = (await this.instances()).map(({ id }) => id);
    await this.#ec2.send(new StartInstancesCommand({ InstanceIds }));
  }

  async makeTable(TableName: string): Promise<void> {
    await this.#dynamodb.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [
          { AttributeName: 'account', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        AttributeDefinitions: [
          { AttributeName: 'account', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
      }),
    );
  }
}
