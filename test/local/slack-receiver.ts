import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { plane } from './on-plane.ts';

/** The root of the embedded AWS. */
export const ROOT_SETTINGS = {
  endpoint: `http://127.0.0.1:${plane.port}`,
  region: plane.region,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
};

/** Lets a server of ours be the Slack of the plane: it listens, and the webhook's parameter names it. */
export const beSlack = async (slack: Server): Promise<void> => {
  await new Promise<void>((listening) => slack.listen(0, '127.0.0.1', listening));
  const { port } = slack.address() as AddressInfo; // a TCP server's address
  await new SSMClient(ROOT_SETTINGS).send(
    new PutParameterCommand({
      Name: process.env.NOVACRON_SLACK_WEBHOOK_PARAMETER,
      Type: 'SecureString',
      Value: `http://127.0.0.1:${port}/services/T0/B0/secret`,
      Overwrite: true,
    }),
  );
};
