import { EC2Client } from '@aws-sdk/client-ec2';
import { SSMClient } from '@aws-sdk/client-ssm';
import { fromEnvironment } from '../../runtime/env-credentials.ts';

/** The clients of one Region. */
export interface RegionClients {
  readonly ec2: EC2Client;
  /**
   * For what changes something, without the SDK's own retries: who asks again is one layer only, the queue of actions or the
   * workflow's Retry, and a repeat after a lost reply would be a second launch wherever the client token is not honoured.
   */
  readonly changing: EC2Client;
  readonly ssm: SSMClient;
}

/** A call that takes longer is given up as indefinite; the longest Describe of a large account stays below it. */
const TIMEOUTS = { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true };

/** The clients of each Region, made at their first use and kept for the life of the function. */
export const regionClients = (): ((region: string) => RegionClients) => {
  const made = new Map<string, RegionClients>();
  return (region) => {
    const settings = { region, credentials: fromEnvironment, requestHandler: TIMEOUTS };
    const clients = made.get(region) ?? {
      ec2: new EC2Client({ ...settings, maxAttempts: 3 }),
      changing: new EC2Client({ ...settings, maxAttempts: 1 }),
      ssm: new SSMClient({ ...settings, maxAttempts: 3 }),
    };
    made.set(region, clients);
    return clients;
  };
};
