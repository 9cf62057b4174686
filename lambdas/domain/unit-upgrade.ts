import type { Host, UnitUpgrade } from './host.ts';
import { operationIdOf } from './ids.ts';

const MINUTE_MS = 60_000;
const FIRST_WAIT_MINUTES = 10;
const LONGEST_WAIT_MINUTES = 1440;

/** A host that does not come to report the version is asked more and more seldom, and never given up. */
const isUnderWay = ({ attempt, at: sentAt }: UnitUpgrade, at: string): boolean => {
  const minutes = Math.min(LONGEST_WAIT_MINUTES, FIRST_WAIT_MINUTES * 2 ** (attempt - 1));
  return Date.parse(at) - Date.parse(sentAt) < minutes * MINUTE_MS;
};

/** The upgrade that a host is to be sent now, if any: one at work whose unit says another version than the plane ships. */
export const upgradeDue = (host: Host, version: string, at: string): UnitUpgrade | undefined => {
  const { id, state, nodeId, facts, upgrade } = host;
  const speaks = state === 'ready' || state === 'draining';
  if (!speaks || nodeId === undefined || facts === undefined || facts.unitVersion === version) return undefined;
  const before = upgrade?.version === version ? upgrade : undefined;
  if (before && isUnderWay(before, at)) return undefined;
  // A version that comes back after another one is another intent: the host would refuse the fence of the first.
  const operationId = before?.operationId ?? operationIdOf({ id: 'plane' }, `upgrade ${id} ${version} ${at}`);
  return { version, operationId, attempt: (before?.attempt ?? 0) + 1, at };
};

/** Whether a host that was sent this version may still come to report it, or has fallen silent since. */
const isOpen = ({ state, upgrade }: Host, version: string, at: string): boolean =>
  upgrade?.version === version && (state === 'unreachable' || isUnderWay({ ...upgrade, attempt: 1 }, at));

const attemptsOf = ({ upgrade }: Host): number => upgrade?.attempt ?? 0;

/**
 * The hosts that may be sent an upgrade now. A version that no host has reported yet goes to one host alone: should its
 * unit not live, the others keep theirs; should the command have been lost, another host is next.
 */
export const upgradable = (hosts: readonly Host[], version: string, at: string): readonly Host[] => {
  const due = hosts.filter((host) => upgradeDue(host, version, at) !== undefined);
  if (hosts.some(({ facts }) => facts?.unitVersion === version)) return due;
  if (hosts.some((host) => isOpen(host, version, at))) return [];
  return due.sort((a, b) => attemptsOf(a) - attemptsOf(b)).slice(0, 1);
};
