import { Comparison } from '../domain/reconcile.ts';
import { regionClients } from '../providers/ec2/clients.ts';
import { listInstances } from '../providers/ec2/list.ts';
import { env, text } from '../runtime/env.ts';
import { logger } from '../runtime/powertools.ts';
import { REGIONS } from '../runtime/regions.ts';
import { NOTHING, type Repaired, repair, sum } from '../runtime/repair.ts';
import * as vms from '../store/vms.ts';

const { INSTALLATION: installation, ACCOUNT: account } = env({ INSTALLATION: text, ACCOUNT: text });

/** EC2's Describe is eventually consistent; nobody promises by when, and a VM shown as lost too early frightens people. */
const DESCRIBE_LAG_SECONDS = 300;

/** A reconcile is at its end by then: no function runs for longer. */
const TAKEN_IN_SECONDS = 900;

const clients = regionClients();

/** What one Region holds, beside which its rows are laid. */
interface Look {
  readonly region: string;
  readonly count: number;
  readonly comparison: Comparison;
}

const lookAt = async (region: string): Promise<Look> => {
  const at = new Date().toISOString();
  const comparison = new Comparison({
    installation,
    at,
    lagSeconds: DESCRIBE_LAG_SECONDS,
    takenInSeconds: TAKEN_IN_SECONDS,
  });
  for await (const look of listInstances(clients(region).ec2, { installation, account, region })) comparison.see(look);
  return { region, count: comparison.open, comparison };
};

/** Each Region's, or why it could not be had: that of one keeps no other from being compared. */
const looks = async (): Promise<{ seen: Look[]; failed: unknown[] }> => {
  const seen: Look[] = [];
  const failed: unknown[] = [];
  for (const region of REGIONS) {
    try {
      seen.push(await lookAt(region));
    } catch (error) {
      logger.error('a Region was not compared', { region, error });
      failed.push(error);
    }
  }
  return { seen, failed };
};

/**
 * Compares what we hold with what EC2 reports, in each Region. Hosts report their own.
 * @throws Fault of the first Region that could not be looked at, once the others are compared
 */
export const reconcile = async (): Promise<Repaired> => {
  const { seen, failed } = await looks();
  const byRegion = new Map(seen.map(({ region, comparison }) => [region, comparison]));
  // The rows are read after the look: what was launched in between has a row and is young, so it is not taken for lost.
  for await (const row of vms.all()) {
    if (row.provider === 'ec2') byRegion.get(row.location.region ?? '')?.take(row);
  }
  let total = NOTHING;
  for (const { comparison, count } of seen) total = sum(total, await repair(comparison.rest(), count));
  logger.info('reconciled', { ...total });
  if (failed.length > 0) throw failed[0];
  return total;
};

/** Each five minutes, and on demand. */
export const handler = (): Promise<Repaired> => reconcile();
