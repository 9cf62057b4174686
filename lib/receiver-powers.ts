import { Aws } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
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

const maySendMail = ({ mailFrom, mailIdentity }: Config): PolicyStatement[] => {
  if (mailFrom === undefined) return [];
  const identity = mailIdentity ?? mailFrom.slice(mailFrom.lastIndexOf('@') + 1);
  const arn = `arn:${Aws.PARTITION}:ses:${Aws.REGION}:${Aws.ACCOUNT_ID}:identity/${identity}`;
  return [allow(['ses:SendEmail', 'ses:SendRawEmail'], [arn])];
};

const mayPublish = ({ snsTopics }: Config): PolicyStatement[] =>
  snsTopics.length > 0 ? [allow(['sns:Publish'], snsTopics)] : [];

/** A telephone is no resource, and what is none of topics and their like is one: so no topic is published to by this. */
const maySendSms = ({ sms }: Config): PolicyStatement[] =>
  sms ? [new PolicyStatement({ actions: ['sns:Publish'], notResources: [`arn:${Aws.PARTITION}:sns:*:*:*`] })] : [];

const mayPutEvents = ({ eventBuses }: Config): PolicyStatement[] => {
  const arnOf = (name: string) => `arn:${Aws.PARTITION}:events:${Aws.REGION}:${Aws.ACCOUNT_ID}:event-bus/${name}`;
  return eventBuses.length > 0 ? [allow(['events:PutEvents'], eventBuses.map(arnOf))] : [];
};

/** Tells receivers: with secrets of projects, and by what of AWS the installation's settings name, and nothing else. */
export const mayTellReceivers = (config: Config, key: IKey): PolicyStatement[] => [
  ...mayReadReceiverSecrets(config, key),
  ...maySendMail(config),
  ...mayPublish(config),
  ...maySendSms(config),
  ...mayPutEvents(config),
];
