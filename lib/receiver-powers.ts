import { Aws } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { receiverSecrets } from '../lambdas/domain/alerts/receiver-secrets.ts';
import type { Config } from './config.ts';
import { allow } from './grants.ts';

/** Reads SecureStrings whose parameters' ARN is like this, encrypted by AWS's own key or by the installation's, and nothing else. */
const mayReadSecrets = (arn: string, key: IKey): PolicyStatement[] => [
  allow(['ssm:GetParameter'], [arn]),
  allow(['kms:Decrypt'], [key.keyArn], {
    StringEquals: { 'kms:ViaService': `ssm.${Aws.REGION}.amazonaws.com` },
    StringLike: { 'kms:EncryptionContext:PARAMETER_ARN': arn },
  }),
];

const parameterArn = (name: string): string =>
  `arn:${Aws.PARTITION}:ssm:${Aws.REGION}:${Aws.ACCOUNT_ID}:parameter${name}`;

/** Reads the one secret that this parameter holds. */
export const mayReadSecret = (name: string, key: IKey): PolicyStatement[] => mayReadSecrets(parameterArn(name), key);

/** Reads the secrets that routings name: those below one prefix. */
export const mayReadReceiverSecrets = ({ installation }: Config, key: IKey): PolicyStatement[] =>
  mayReadSecrets(parameterArn(`${receiverSecrets(installation, '*')}*`), key);
