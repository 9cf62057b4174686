import type { Host } from '../domain/host.ts';
import type { Place } from '../domain/metrics/batch.ts';
import { hostSubject, type Subject, vmSubject } from '../domain/metrics/labels.ts';
import * as vms from '../store/vms.ts';

/** What a VM is called and tagged may be this old where it is measured; one that is not known is looked for sooner. */
const KNOWN_MS = 60_000;
const MISSED_MS = 10_000;

const known = new Map<string, { readonly domains: ReadonlyMap<string, Subject>; readonly at: number }>();

const read = async (hostId: string): Promise<ReadonlyMap<string, Subject>> => {
  const found = new Map<string, Subject>();
  for await (const vm of vms.onHost(hostId)) {
    if (vm.providerId !== undefined && vm.state !== 'deleted') found.set(vm.providerId, vmSubject(vm));
  }
  return found;
};

/** Who the domains of a host are, by UUID, as this function knows them or as they are now. */
export const guestsOf = async (host: Host, uuids: readonly string[], now: number): Promise<Place> => {
  const last = known.get(host.id);
  const misses = last === undefined || uuids.some((uuid) => !last.domains.has(uuid));
  const borne = misses ? MISSED_MS : KNOWN_MS;
  const domains = last && now - last.at < borne ? last.domains : await read(host.id);
  if (domains !== last?.domains) known.set(host.id, { domains, at: now });
  return { host: hostSubject(host), domains };
};
