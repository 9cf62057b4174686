import { Aws } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Config } from './config.ts';
import { allow, type HasTableArn, mayQuery } from './grants.ts';
import { auditKeyParameter } from './names.ts';

interface HasBucketArn {
  readonly bucketArn: string;
}

const inBucket = ({ bucketArn }: HasBucketArn): string[] => [`${bucketArn}/heads/*`, `${bucketArn}/keys/*`];

/** Lists signed heads and public keys by their versions, which nobody can hide, and reads them. */
export const mayReadHeads = (bucket: HasBucketArn): PolicyStatement[] => [
  allow(['s3:ListBucketVersions'], [bucket.bucketArn]),
  allow(['s3:GetObjectVersion'], inBucket(bucket)),
];

/** The one parameter that holds the private key; made once, never changed, readable by who has this. */
const mayHoldKey = ({ installation }: Config, key: IKey): PolicyStatement[] => {
  const name = auditKeyParameter(installation, key.keyId);
  const arn = `arn:${Aws.PARTITION}:ssm:${Aws.REGION}:${Aws.ACCOUNT_ID}:parameter${name}`;
  return [
    allow(['ssm:GetParameter', 'ssm:PutParameter'], [arn]),
    allow(['kms:Encrypt', 'kms:Decrypt'], [key.keyArn], {
      StringEquals: {
        'kms:ViaService': `ssm.${Aws.REGION}.amazonaws.com`,
        'kms:EncryptionContext:PARAMETER_ARN': arn,
      },
    }),
  ];
};

/** Signs the audit's chains: reads them and which projects there are, and writes heads only. */
export const maySign = (
  config: Config,
  state: {
    readonly state: HasTableArn;
    readonly audit: HasTableArn;
    readonly importedHeads: HasBucketArn;
    readonly key: IKey;
  },
): PolicyStatement[] => [
  mayQuery(state.state, 'project'),
  mayQuery(state.audit),
  ...mayReadHeads(state.importedHeads),
  allow(['s3:PutObject'], inBucket(state.importedHeads)),
  ...mayHoldKey(config, state.key),
];
