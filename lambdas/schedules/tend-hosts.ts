import { Fault } from '../domain/faults.ts';
import type { Host } from '../domain/host.ts';
import { upgradable, upgradeDue } from '../domain/unit-upgrade.ts';
import { upgradeUnit } from '../providers/kvm/enrol.ts';
import { notAfterOf } from '../providers/provider.ts';
import { ssm } from '../runtime/clients.ts';
import { endRegistration } from '../runtime/departure.ts';
import { env, text } from '../runtime/env.ts';
import { logger } from '../runtime/powertools.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as hosts from '../store/hosts.ts';

const { INSTALLATION: installation, UNIT_VERSION: version } = env({ INSTALLATION: text, UNIT_VERSION: text });

/** Within this time the last command of a retired host has been delivered and done, or never will be. */
const DEPARTED_MS = 120_000;

/** The row first: with the same attempt the host would answer from its journal, and nothing is sent twice. */
const upgrade = async ({ id }: Host, at: string): Promise<void> => {
  const host = await untilWritten(async () => {
    const before = await hosts.get(id);
    const due = upgradeDue(before, version, at);
    return due && hosts.swap(before, { ...before, upgrade: due });
  });
  if (host?.nodeId === undefined || host.upgrade === undefined) return;
  const { operationId, attempt } = host.upgrade;
  const notAfter = notAfterOf(Date.parse(at));
  await upgradeUnit({ ssm: ssm(), installation }, host.nodeId, { operationId, attempt, notAfter }, id);
  logger.info('host unit is being upgraded', { host: id, from: host.facts?.unitVersion, to: version, attempt });
};

/** One host's trouble is not another's; what failed is tried again by a later run. */
const tend = async (host: Host, work: Promise<void>): Promise<void> => {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    logger.warn('a host could not be tended', { host: host.id, fault: error.name, detail: error.message });
  }
};

/** Brings the units of hosts to the plane's version, and ends the registrations of hosts that were retired. */
export const tendHosts = async (at: string): Promise<void> => {
  const all = await hosts.all();
  const departed = ({ state, changedAt }: Host) =>
    state === 'retired' && Date.parse(at) - Date.parse(changedAt) > DEPARTED_MS;
  for (const host of all.filter(departed)) await tend(host, endRegistration(host));
  for (const host of upgradable(all, version, at)) await tend(host, upgrade(host, at));
};

/** Each five minutes, and when an operator of the account asks by an event. */
export const handler = (): Promise<void> => tendHosts(new Date().toISOString());
