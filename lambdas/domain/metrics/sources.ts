import { createHash } from 'node:crypto';
import type { Host } from '../host.ts';
import type { Vm } from '../vm.ts';

/**
 * Who measures: a host all that runs on it, by its id, or the plane itself by asking CloudWatch of a Region's instances. What is kept
 * of these lies in shares, as a row holds no more than 400 KB: an hour of all metrics of 12,000 VMs of a Region.
 */
const SHARES = 16;
const CLOUDWATCH = 'ec2#';

const MINUTE_MS = 60_000;

const shareOf = (id: string): number => createHash('sha256').update(id).digest().readUInt8() % SHARES;

/** Under which source a VM's samples lie; undefined of one that is nowhere yet. */
export const sourceOf = ({ id, location: { hostId, region } }: Pick<Vm, 'id' | 'location'>): string | undefined =>
  hostId ?? (region === undefined ? undefined : `${CLOUDWATCH}${region}#${shareOf(id)}`);

/** All sources of these Regions that the plane asks CloudWatch for. */
export const sourcesIn = (regions: readonly string[]): string[] =>
  regions.flatMap((region) => Array.from({ length: SHARES }, (_, share) => `${CLOUDWATCH}${region}#${share}`));

/** The sources of all these, each once. */
export const sourcesOf = (vms: readonly Vm[]): string[] => [...new Set(vms.flatMap((vm) => sourceOf(vm) ?? []))];

/** The sources of all of these hosts but those that have left, and of all of these VMs, each once. */
export const sourcesAround = (vms: readonly Vm[], hosts: readonly Pick<Host, 'id' | 'state'>[]): string[] => {
  const measuring = hosts.filter(({ state }) => state !== 'retired').map(({ id }) => id);
  return [...new Set([...measuring, ...sourcesOf(vms)])];
};

/** How old a source's last sample may be that is of now: CloudWatch's is of five minutes, comes minutes later, and is asked for each five. */
export const currentMsOf = (source: string): number => (source.startsWith(CLOUDWATCH) ? 15 * MINUTE_MS : 0);

/** How long after an hour all of it has come: what hosts have under way is there at once, most of EC2's metrics are asked for once an hour. */
export const settledMsOf = (source: string): number => (source.startsWith(CLOUDWATCH) ? 20 : 2) * MINUTE_MS;
