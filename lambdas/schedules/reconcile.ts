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
