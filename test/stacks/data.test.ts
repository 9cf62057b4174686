import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { resourcesOf, type Statement, templatesOf } from '../support/stacks.ts';

let prod: ReadonlyMap<string, Template>;
let dev: ReadonlyMap<string, Template>;
beforeAll(() => {
  prod = templatesOf();
  dev = templatesOf({ installation: 'test', stage: 'dev' });
});

describe('data at rest', () => {
  it('is encrypted by our key, which rotates', () => {
    const keys = [...resourcesOf(prod, 'AWS::KMS::Key').values()];
    expect(keys.map(({ Properties }) => Properties.EnableKeyRotation)).toEqual([true]);
    for (const [id, { Properties }] of resourcesOf(prod, 'AWS::DynamoDB::Table')) {
      expect(Properties.SSESpecification, id).toMatchObject({ SSEEnabled: true, SSEType: 'KMS' });
    }
    for (const [id, { Properties }] of resourcesOf(prod, 'AWS::Logs::LogGroup'))
      expect(Properties.KmsKeyId, id).toBeDefined();
    for (const [id, { Properties }] of resourcesOf(prod, 'AWS::SNS::Topic'))
      expect(Properties.KmsMasterKeyId, id).toBeDefined();
    for (const [id, { Properties }] of resourcesOf(prod, 'AWS::SQS::Queue')) {
      expect(Properties.KmsMasterKeyId ?? Properties.SqsManagedSseEnabled, id).toBeTruthy();
    }
    for (const [id, { Properties }] of resourcesOf(prod, 'AWS::S3::Bucket')) {
      const [rule] = Properties.BucketEncryption.ServerSideEncryptionConfiguration;
      expect(rule?.ServerSideEncryptionByDefault.SSEAlgorithm, id).toBe('aws:kms');
      expect(Object.values(Properties.PublicAccessBlockConfiguration), id).toEqual([true, true, true, true]);
    }
  });

  it('can be restored to any second', () => {
    const tables = resourcesOf(dev, 'AWS::DynamoDB::Table');
    expect(tables.size).toBe(3);
    for (const [id, { Properties }] of tables) {
      expect(Properties.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled, id).toBe(true);
    }
  });

  it('streams the state table with both images and gives its rows an end', () => {
    const [[, state] = []] = resourcesOf(prod, 'AWS::DynamoDB::Table');
    expect(state?.Properties).toMatchObject({
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      GlobalSecondaryIndexes: [{ IndexName: 'gsi1' }, { IndexName: 'gsi2' }],
    });
  });
});

describe('signed heads of audit logs', () => {
  it.each([
    ['prod', 'COMPLIANCE', 365],
    ['dev', 'GOVERNANCE', 1],
  ] as const)('are versioned, locked and kept in %s: %s for %d days', (stage, Mode, Days) => {
    const buckets = [...resourcesOf(stage === 'prod' ? prod : dev, 'AWS::S3::Bucket')];
    const locked = buckets.filter(([, { Properties }]) => Properties.ObjectLockEnabled);
    expect(locked).toMatchObject([
      [
        expect.stringContaining('AuditHeads'),
        {
          DeletionPolicy: 'Retain',
          Properties: {
            VersioningConfiguration: { Status: 'Enabled' },
            ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Mode, Days } } },
          },
        },
      ],
    ]);
  });
});

describe('data in transit', () => {
  it.each(['AWS::S3::BucketPolicy', 'AWS::SQS::QueuePolicy', 'AWS::SNS::TopicPolicy'])(
    '%s refuses what is not TLS',
    (type) => {
      const policies = resourcesOf(prod, type);
      expect(policies.size).toBeGreaterThan(0);
      for (const [id, { Properties }] of policies) {
        const denied = Properties.PolicyDocument.Statement.filter(
          ({ Effect, Condition }: Statement) =>
            Effect === 'Deny' && Condition?.Bool?.['aws:SecureTransport'] === 'false',
        );
        expect(denied, id).toHaveLength(1);
      }
    },
  );
});

describe('stages', () => {
  it('keeps data in prod when the stack goes, and nothing in dev', () => {
    const kinds = [
      'AWS::DynamoDB::Table',
      'AWS::KMS::Key',
      'AWS::S3::Bucket',
      'AWS::Cognito::UserPool',
      'AWS::Logs::LogGroup',
    ];
    for (const kind of kinds) {
      for (const [id, { DeletionPolicy }] of resourcesOf(prod, kind))
        expect(DeletionPolicy, `prod ${id}`).toBe('Retain');
      for (const [id, { DeletionPolicy, Properties }] of resourcesOf(dev, kind)) {
        // What is locked cannot go before its day.
        expect(DeletionPolicy, `dev ${id}`).toBe(Properties.ObjectLockEnabled ? 'Retain' : 'Delete');
      }
    }
  });

  it.each([
    ['prod', true, 90, true],
    ['dev', false, 7, false],
  ] as const)(
    '%s: deletion protection %s, logs for %d days, alarms that notify %s',
    (stage, protection, days, notify) => {
      const templates = stage === 'prod' ? prod : dev;
      for (const { Properties } of resourcesOf(templates, 'AWS::DynamoDB::Table').values()) {
        expect(Properties.DeletionProtectionEnabled ?? false).toBe(protection);
      }
      for (const { Properties } of resourcesOf(templates, 'AWS::Logs::LogGroup').values()) {
        expect(Properties.RetentionInDays).toBe(days);
      }
      for (const { Properties } of resourcesOf(templates, 'AWS::CloudWatch::Alarm').values()) {
        expect(Properties.ActionsEnabled ?? true).toBe(notify);
      }
    },
  );
});
