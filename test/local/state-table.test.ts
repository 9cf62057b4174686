import { CreateTableCommand, DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe } from 'vitest';
import { channelStatesContract } from '../support/channel-states-contract.ts';
import { leaseContract } from '../support/lease-contract.ts';
import { tableContract } from '../support/table-contract.ts';
import { plane } from './plane.ts';

const TableName = `contract-${Date.now()}`;

/** The functions read their settings when they are imported, so these are set before. */
Object.assign(process.env, {
  STATE_TABLE: TableName,
  TELEMETRY_TABLE: TableName,
  AWS_ENDPOINT_URL: `http://127.0.0.1:${plane.port}`,
  AWS_REGION: plane.region,
  AWS_ACCESS_KEY_ID: process.env.AWS_ACCESS_KEY_ID ?? 'test',
  AWS_SECRET_ACCESS_KEY: process.env.AWS_SECRET_ACCESS_KEY ?? 'test',
});

const client = new DynamoDBClient({ region: plane.region, endpoint: `http://127.0.0.1:${plane.port}` });

const attribute = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' }) as const;
const keys = (hash: string, range: string) => [
  { AttributeName: hash, KeyType: 'HASH' as const },
  { AttributeName: range, KeyType: 'RANGE' as const },
];

describe('the state table on the emulator', () => {
  beforeAll(async () => {
    await client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: ['pk', 'sk', 'gsi1pk', 'gsi1sk'].map(attribute),
        KeySchema: keys('pk', 'sk'),
        GlobalSecondaryIndexes: [
          { IndexName: 'gsi1', KeySchema: keys('gsi1pk', 'gsi1sk'), Projection: { ProjectionType: 'ALL' } },
        ],
      }),
    );
  });
  afterAll(async () => {
    await client.send(new DeleteTableCommand({ TableName }));
  });
  tableContract(() => import('../../lambdas/store/table.ts'));
  leaseContract(() => import('../../lambdas/store/leases.ts'));
  channelStatesContract(() => import('../../lambdas/store/channel-states.ts'));
});
