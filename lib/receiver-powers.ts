import { Aws } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { receiverSecrets } from '../lambdas/domain/alerts/receiver-secrets.ts';
import type { Config } from './config.ts';
import { allow } from './grants.ts';

/** Reads the secrets that routings name: below one prefix, encrypted by AWS's own key or by the installation's, and nothing else. */
export const mayReadReceiverSecrets = ({ installation }: Config, key: IKey): PolicyStatement[] => {
  const arn = `arn:${Aws.PARTITION}:ssm:${Aws.REGION}:${Aws.ACCOUNT_ID}:parameter${receiverSecrets(installation, '*')}*`;
  return [
    allow(['ssm:GetParameter'], [arn]),
    allow(['kms:Decrypt'], [key.keyArn], {
      StringEquals: { 'kms:ViaService': `ssm.${Aws.REGION}.amazonaws.com` },
      StringLike: { 'kms:EncryptionContext:PARAMETER_ARN': arn },
    }),
  ];
};
