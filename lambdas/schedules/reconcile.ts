import { regionClients } from '../providers/ec2/clients.ts';
import { listInstances } from '../providers/ec2/list.ts';
import { csv, env, text } from '../runtime/env.ts';
import { logger } from '../runtime/powertools.ts';
import { NOTHING, type Repaired, repair, sum } from '../runtime/repair.ts';
import * as vms from '../store/vms.ts';

const settings = env({ INSTALLATION: text, ACCOUNT: text, AWS_REGION: text, REGIONS: csv });
const { INSTALLATION: installation, ACCOUNT: account } = settings;

/** The plane's own Region and the further ones that are enabled. */
const REGIONS = [...new Set([settings.AWS_REGION, ...settings.REGIONS])];

/** EC2's Describe is eventually consistent; nobody promises by when, and a VM shown as lost too early frightens people. */
const DESCRIBE_LAG_SECONDS = 300;

const clients = regionClients();

const compare = async (region: string): Promise<Repaired> => {
  const at = new Date().toISOString();
  const observed = await Array.fromAsync(listInstances(clients(region).ec2, { installation, account, region }));
  // The rows are read after the look: what was launched in between has a row and is young, so it is not taken for lost.
  const rows = await Array.fromAsync(vms.all());
  return repair({
    installation,
    observed,
    rows: rows.filter(({ provider, location }) => provider === 'ec2' && location.region === region),
    at,
    lagSeconds: DESCRIBE_LAG_SECONDS,
  });
};

/** Compares what we hold with what EC2 reports, in each Region. Hosts report their own. */
export const reconcile = async (): Promise<Repaired> => {
  let total = NOTHING;
  for (const region of REGIONS) total = sum(total, await compare(region));
  logger.info('reconciled', { ...total });
  return total;
};

/** Each five minutes, and on demand. */
export const handler = (): Promise<Repaired> => reconcile();
