import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import { AddTagsToResourceCommand, CreateActivationCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { vi } from 'vitest';
import { logger } from '../../lambdas/runtime/powertools.ts';
import * as projects from '../../lambdas/store/projects.ts';
import * as table from '../../lambdas/store/table.ts';
import { AT, insertHost, insertImage, insertVm, newHost, newImage, newVm, roomyHost, signIn } from '../support/api.ts';
import { AwsServices } from '../support/aws-services.ts';
import { Bucket } from '../support/bucket.ts';
import { SEED } from '../support/cases.ts';
import { endOpen } from '../support/ending.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { issuer } from '../support/issuer.ts';
import { Random } from '../support/random.ts';
import { StateTable } from '../support/state-table.ts';

/** An installation with one of everything, behind a gateway, and who may ask it. */
export interface FuzzedWorld {
  readonly gateway: Gateway;
  /** An admin of the installation: a JWT, which no request can revoke. */
  readonly admin: string;
  /** The token of the host that is there. */
  readonly host: string;
  /** What the functions could not name, where an answer was 500. */
  readonly errors: readonly unknown[];
}

const answering = (): void => {
  const ssm = mockClient(SSMClient);
  ssm.on(CreateActivationCommand).resolves({ ActivationId: 'a-1', ActivationCode: 'code' });
  ssm.on(AddTagsToResourceCommand).resolves({});
  mockClient(SQSClient);
  mockClient(EventBridgeClient)
    .on(PutEventsCommand)
    .resolves({ Entries: [{}] });
  new AwsServices();
  new Bucket();
  issuer.publish();
};

const furnished = async (): Promise<void> => {
  new StateTable();
  await table.save(projects.inserting({ id: 'shop', by: 'test', createdAt: AT, live: true, version: 1 }));
  await insertHost(roomyHost());
  await insertImage(newImage());
  await insertVm(newVm());
  await insertVm(newVm({ id: 'vm-0000000000000002', name: 'web-2', project: 'shop' }));
};

/** Its ids are those of the dictionaries in schemathesis.toml. After each answer half of what is under way ends well. */
export const newWorld = async (): Promise<FuzzedWorld> => {
  answering();
  await furnished();
  const errors: unknown[] = [];
  vi.spyOn(logger, 'error').mockImplementation((...said) => void errors.push(said));
  const random = new Random(SEED);
  const gateway = await startGateway(async () => void (await endOpen(() => random.below(2) > 0)));
  return {
    gateway,
    admin: issuer.good({ 'cognito:groups': ['novacron-admin'], exp: issuer.nowSeconds() + 3600 }),
    host: await signIn('host', { hostId: newHost().id }),
    errors,
  };
};
