import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { fromEnvironment } from './env-credentials.ts';

/** One try and two repeats; endpoint and Region come from the environment, as Lambda sets them. */
const SETTINGS = { credentials: fromEnvironment, maxAttempts: 3, retryMode: 'standard' } as const;

/** Makes the thing at its first use and keeps it. `@__PURE__` below lets the bundler drop the clients that a function does not name. */
const once = <T>(make: () => T): (() => T) => {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
};

/** Tables, as plain objects; a property that is undefined is left out of the row. */
export const dynamo = /* @__PURE__ */ once(() =>
  DynamoDBDocumentClient.from(new DynamoDBClient(SETTINGS), { marshallOptions: { removeUndefinedValues: true } }),
);
/** SSM of the plane's own Region, where the hosts are nodes. EC2's clients are one per Region: providers/ec2/clients.ts. */
export const ssm = /* @__PURE__ */ once(() => new SSMClient(SETTINGS));
export const sfn = /* @__PURE__ */ once(() => new SFNClient(SETTINGS));
export const sns = /* @__PURE__ */ once(() => new SNSClient(SETTINGS));
export const sqs = /* @__PURE__ */ once(() => new SQSClient(SETTINGS));
export const s3 = /* @__PURE__ */ once(() => new S3Client(SETTINGS));
export const eventBridge = /* @__PURE__ */ once(() => new EventBridgeClient(SETTINGS));
