import { Metrics } from '@aws-lambda-powertools/metrics';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { AuditEntry } from '../../lambdas/domain/audit-entry.ts';
import { Head, type HeadKey, isSigned } from '../../lambdas/domain/chain.ts';
import * as chain from '../../lambdas/store/chain.ts';
import * as projects from '../../lambdas/store/projects.ts';
import * as stateTable from '../../lambdas/store/table.ts';
import { AT } from '../support/api.ts';
import { Bucket } from '../support/bucket.ts';
import { Parameters } from '../support/parameters.ts';
import { StateTable } from '../support/state-table.ts';

const NAME = '/novacron/unit/audit-key';

let table: StateTable;
let bucket: Bucket;
let parameters: Parameters;
/** The job as a function that was started anew: it knows nothing yet. */
let sign: () => Promise<Record<string, number>>;
const started = async () => {
  vi.resetModules();
  ({ handler: sign } = await import('../../lambdas/schedules/sign-audit.ts'));
};
beforeEach(async () => {
  table = new StateTable();
  bucket = new Bucket();
  parameters = new Parameters();
  await started();
});

let count = 0;
const entry = (more: Partial<AuditEntry> = {}): AuditEntry => {
  count += 1;
  return { id: `aud-${count}`, at: AT, action: 'stop-vm', by: 'token:t', outcome: 'accepted', version: 1, ...more };
};

const objects = <T>(prefix: string): T[] =>
  // What the job wrote; its shape is what the tests look at.
  bucket.versions.filter(({ Key }) => Key.startsWith(prefix)).map(({ text }) => JSON.parse(text) as T);
const heads = (project = 'default') => objects<Head>(`heads/${project}/`);
const keys = () => objects<HeadKey>('keys/');

const rowAt = (seq: number): Record<string, unknown> => {
  const row = table.audit.get(`chain#default\n${String(seq).padStart(12, '0')}`);
  if (row === undefined) throw new Error(`no entry ${seq}`);
  return row;
};

describe('the job that signs audit chains', () => {
  it('signs each project that has moved, and none twice', async () => {
    await stateTable.save(projects.inserting({ id: 'shop', by: 'test', createdAt: AT, live: true, version: 1 }));
    await chain.append([entry(), entry({ project: 'shop' }), entry()]);
    expect(await sign()).toEqual({ signed: 2, unmoved: 0, broken: 0 });
    expect(await sign()).toEqual({ signed: 0, unmoved: 2, broken: 0 });
    await started();
    expect(await sign()).toEqual({ signed: 0, unmoved: 2, broken: 0 });
    await chain.append([entry()]);
    expect(await sign()).toEqual({ signed: 1, unmoved: 1, broken: 0 });
    expect(heads().map(({ seq }) => seq)).toEqual([2, 3]);
    for (const head of [...heads(), ...heads('shop')]) {
      expect(Head.parse(head)).toEqual(head);
      expect(isSigned(head, keys())).toBe(true);
    }
    expect(heads()[1]?.hash).toBe((await chain.newest('default'))?.hash);
  });

  it('does nothing at all where there is nothing to sign', async () => {
    expect(await sign()).toEqual({ signed: 0, unmoved: 1, broken: 0 });
    expect([parameters.values.size, bucket.versions.length]).toEqual([0, 0]);
  });

  it('makes its key once, encrypted, and goes on with the one of whoever was first', async () => {
    await chain.append([entry()]);
    await sign();
    expect(parameters.mock.commandCalls(PutParameterCommand)[0]?.args[0].input).toMatchObject({
      Name: NAME,
      Type: 'SecureString',
      KeyId: 'arn:aws:kms:eu-central-1:123456789012:key/k',
    });
    const theirs = parameters.values.get(NAME) ?? '';
    parameters = new Parameters();
    parameters.beforePut = () => parameters.values.set(NAME, theirs);
    await started();
    await chain.append([entry()]);
    await sign();
    expect(new Set(heads().map(({ keyId }) => keyId)).size).toBe(1);
    expect(keys()).toHaveLength(1);
    expect(JSON.stringify(bucket.versions)).not.toContain('PRIVATE');
  });

  it.each<[string, () => unknown]>([
    ['an entry edited since the last head', () => Object.assign(rowAt(3), { by: 'nobody' })],
    ['the signed entry edited', () => Object.assign(rowAt(2), { outcome: 'refused' })],
    ['an entry dropped', () => table.audit.delete(`chain#default\n000000000003`)],
    [
      'the tail cut before the last head',
      () => [2, 3, 4].map((seq) => table.audit.delete(`chain#default\n${String(seq).padStart(12, '0')}`)),
    ],
    ['everything taken', () => table.audit.clear()],
  ])('rings at %s, and does not sign it', async (_, tamper) => {
    const counted = vi.spyOn(Metrics.prototype, 'addMetric');
    await chain.append([entry(), entry()]);
    await sign();
    await chain.append([entry(), entry()]);
    tamper();
    expect(await sign()).toEqual({ signed: 0, unmoved: 0, broken: 1 });
    expect(heads().map(({ seq }) => seq)).toEqual([2]);
    expect(counted).toHaveBeenCalledExactlyOnceWith('AuditChainBroken', 'Count', 1);
    await started();
    expect(await sign()).toEqual({ signed: 0, unmoved: 0, broken: 1 });
  });

  it('passes over what others have put among the heads', async () => {
    await chain.append([entry()]);
    await sign();
    const [head] = heads();
    bucket.put('heads/default/000000000000.json', JSON.stringify({ ...head, seq: 99 }));
    bucket.put('heads/default/000000000001.json', 'no JSON');
    await started();
    expect(await sign()).toEqual({ signed: 0, unmoved: 1, broken: 0 });
  });
});
