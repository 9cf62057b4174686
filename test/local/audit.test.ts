import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteObjectCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { access, api, eventually, novacron, novacronJson, plane } from './plane.ts';

/** The log of a real life: chained by the stream, signed by the job, checked by the command line. */
const endpoint = `http://127.0.0.1:${plane.port}`;
const settings = { endpoint, region: plane.region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
const dynamo = DynamoDBDocumentClient.from(new DynamoDBClient(settings));
const s3 = new S3Client({ ...settings, forcePathStyle: true });

interface Verdict {
  readonly entries: number;
  readonly sealed: number;
  readonly last: { readonly seq: number };
  readonly faults: readonly { readonly damage: string; readonly from: number; readonly to: number }[];
}

/** Runs the timed job now. */
const sign = async (): Promise<Record<string, number>> => {
  const name = `novacron-${access.installation}-schedules-sign-audit`;
  const reply = await fetch(`${endpoint}/2015-03-31/functions/${name}/invocations`, {
    method: 'POST',
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=test/20261125/${plane.region}/lambda/aws4_request` },
    body: '{}',
  });
  const counts = await reply.json();
  // An error of the function has no counts.
  expect(counts).toMatchObject({ broken: 0 });
  return counts as Record<string, number>;
};

const outcomesOf = async (operationId: string): Promise<string[]> => {
  const { json } = await api('GET', `/v1/audit?operationId=${operationId}&order=oldest`);
  return json.items.map(({ outcome }: { outcome: string }) => outcome);
};

const ended = async (operationId: string): Promise<void> => {
  await eventually(`${operationId} is told from its beginning to its end`, 60, async () => {
    const outcomes = await outcomesOf(operationId);
    return outcomes.length > 1 && outcomes;
  });
  expect(await outcomesOf(operationId)).toEqual(['accepted', 'succeeded']);
};

describe('the audit log', () => {
  it('tells a VM’s life, each operation by its acceptance and one end, and is whole and signed', async () => {
    const name = `told-${Date.now().toString(36).slice(-5)}`;
    const made = await api('POST', '/v1/vms', { name, provider: 'ec2', image: 'al2023', size: 'small' });
    await ended(made.json.id);
    const gone = await api('DELETE', `/v1/vms/${made.json.vmId}`);
    await ended(gone.json.id);
    const refused = await api('POST', `/v1/vms/${made.json.vmId}/actions/start`);
    expect(refused.status).toBeGreaterThanOrEqual(400);
    await eventually('the refusal is told', 30, async () => {
      const { json } = await api('GET', `/v1/audit?subject=${made.json.vmId}&outcome=refused`);
      return json.items.length === 1;
    });
    await sign();
    const verdict = await novacronJson<Verdict>('audit', 'verify');
    expect(verdict.faults).toEqual([]);
    expect(verdict.sealed).toBeGreaterThanOrEqual(5);
  });

  it('keeps its signed heads from being taken away', async () => {
    const Bucket = plane.outputs.AuditHeadsBucketName ?? '';
    const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: 'heads/default/' }));
    expect(Versions.length).toBeGreaterThan(0);
    for (const { Key, VersionId } of Versions.slice(0, 1)) {
      const taken = s3.send(new DeleteObjectCommand({ Bucket, Key: Key ?? '', VersionId }));
      await expect(taken).rejects.toThrow(/object lock/i);
    }
  });

  it('shows an edit that was made in the table itself, with its place', async () => {
    const TableName = plane.outputs.AuditTableName ?? '';
    const Key = { pk: 'chain#default', sk: '000000000002' };
    const { Item } = await dynamo.send(new GetCommand({ TableName, Key }));
    await dynamo.send(new PutCommand({ TableName, Item: { ...Item, by: 'nobody' } }));
    try {
      const { code, stdout } = await novacron('audit', 'verify', '-o', 'json');
      expect(code).toBe(1);
      expect(JSON.parse(stdout).faults).toMatchObject([{ damage: 'edited', from: 2, to: 2 }]);
    } finally {
      await dynamo.send(new PutCommand({ TableName, Item }));
    }
    expect((await novacron('audit', 'verify')).code).toBe(0);
  });
});
