import { freePort } from '../test/support/alertmanager.ts';
import { AwsFront } from './aws-front.ts';
import { ACCOUNT, INSTALLATION, REGION } from './fleet-place.ts';
import { environment } from './functions.ts';
import { printed } from './processes.ts';

/**
 * Runs a module of this folder in the environment of functions whose AWS is to be itself (`ownAws`).
 * @returns what it prints, or why it could not measure
 */
export const besideOwnAws = async (module: string, args: readonly number[]): Promise<unknown> => {
  const url = `http://127.0.0.1:${await freePort()}`;
  const env = {
    ...environment,
    INSTALLATION,
    ACCOUNT,
    AWS_REGION: REGION,
    REGIONS: REGION,
    AWS_ENDPOINT_URL: url,
    STATE_TABLE: 'state',
    AUDIT_TABLE: 'audit',
    TELEMETRY_TABLE: 'telemetry',
    LOOKS_QUEUE_URL: `${url}/looks`,
    ALERT_RECEIVER_HOSTS: '10.79.0.0/16',
    // A host that sends in a second what it measures in minutes is not to be told that it asks too much.
    PRINCIPAL_RATE_LIMIT: '100000',
    PROJECT_RATE_LIMIT: '100000',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
  };
  try {
    return await printed([module, ...args.map(String)], { env });
  } catch (error) {
    return { skipped: String(error).slice(-1_000) };
  }
};

/** The functions' AWS, in memory of this process, which was begun by `besideOwnAws`. */
export const ownAws = async (): Promise<AwsFront> => {
  const front = new AwsFront('');
  front.own = true;
  await front.listen(Number(new URL(process.env.AWS_ENDPOINT_URL ?? '').port));
  return front;
};
