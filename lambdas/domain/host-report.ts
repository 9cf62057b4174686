import { isDeepStrictEqual } from 'node:util';
import { atWork, type Host, type HostFacts, isAwaited } from './host.ts';
import type { Report } from './report.ts';

/**
 * What is free on a host moves with every process on it. Less than this is noise that the row does not follow: a twentieth
 * of what was free, and at least a half of what placement keeps for the host, or a quarter of what a clone must find.
 */
const NOISE = { share: 0.05, memoryMiB: 256, poolGiB: 0.25 };

const isNear = (known: number | undefined, told: number | undefined, least: number): boolean =>
  known !== undefined && told !== undefined && Math.abs(told - known) < Math.max(least, known * NOISE.share);

const factsAfter = (host: Host, { facts: told, unitVersion }: Report): Pick<Host, 'facts' | 'images'> => {
  if (host.facts === undefined) return { images: told?.images ?? host.images };
  if (told === undefined) return { images: host.images, facts: { ...host.facts, unitVersion } };
  const known = host.facts;
  const facts = {
    ...known,
    unitVersion,
    freeMemoryMiB: told.freeMemoryMiB,
    networks: told.networks ?? known.networks,
    libvirtVersion: told.libvirtVersion ?? known.libvirtVersion,
    qemuVersion: told.qemuVersion ?? known.qemuVersion,
    kernel: told.kernel ?? known.kernel,
    pool: { ...known.pool, freeGiB: told.freeGiB, sizeGiB: told.sizeGiB ?? known.pool.sizeGiB },
  };
  return { images: told.images, facts };
};

/** A host that was enrolled before there was one tells it by its upgraded unit. What a proof has moved on stays. */
const identityAfter = ({ identity }: Host, { facts }: Report): Pick<Host, 'identity'> => {
  const known = identity ?? facts?.identity;
  return known === undefined ? {} : { identity: known };
};

/** What was sent stays on the row until the unit says that it has come. */
const upgradeAfter = ({ upgrade }: Host, { unitVersion }: Report): Pick<Host, 'upgrade'> =>
  upgrade === undefined || upgrade.version === unitVersion ? {} : { upgrade };

/** A libvirtd that is started anew, as by an upgrade of its package, answers again before. */
const LIBVIRT_PATIENCE_SECONDS = 20;

const isLong = ({ libvirtAwaySince: since, sentAt }: Report): boolean =>
  since !== undefined && Date.parse(sentAt) - Date.parse(since) >= LIBVIRT_PATIENCE_SECONDS * 1000;

/**
 * Why a host that speaks can do nothing for its VMs, nor see them: its libvirt does not answer it. Undefined where it does,
 * or may in a moment. A host that was unreachable is so until its libvirt answers.
 */
export const libvirtAway = (host: Host, report: Report): string | undefined => {
  const since = report.libvirtAwaySince;
  if (since === undefined || !(host.state === 'unreachable' || (isAwaited(host) && isLong(report)))) return undefined;
  return `libvirt on it has not answered since ${since}: is libvirtd running?`;
};

/** By this report; who is neither awaited nor unreachable keeps its state, and the reason for it. */
const standingAfter = (host: Host, report: Report, at: string): Pick<Host, 'state' | 'reason' | 'changedAt'> => {
  const { state, reason, changedAt } = host;
  const away = libvirtAway(host, report);
  if (away !== undefined)
    return { state: 'unreachable', reason: away, changedAt: state === 'unreachable' ? changedAt : at };
  if (state === 'unreachable') return { state: atWork(host), changedAt: at };
  return { state, changedAt, ...(reason === undefined ? {} : { reason }) };
};

const told = (host: Host, report: Report, at: string): Host => {
  const { reason: _, upgrade: __, beatAt: ___, ...rest } = host;
  return {
    ...rest,
    ...factsAfter(host, report),
    ...upgradeAfter(host, report),
    ...identityAfter(host, report),
    ...standingAfter(host, report, at),
    // The beat has a row of its own; a queue's message about one that an earlier release kept here is then about no last one.
    beatSeq: 0,
  };
};

/** The facts as told, but for what moved within the noise. */
const calm = (known: HostFacts | undefined, after: HostFacts | undefined): HostFacts | undefined => {
  if (known === undefined || after === undefined) return after;
  const memory = isNear(known.freeMemoryMiB, after.freeMemoryMiB, NOISE.memoryMiB) ? known : after;
  const pool = isNear(known.pool.freeGiB, after.pool.freeGiB, NOISE.poolGiB) ? known.pool : after.pool;
  return {
    ...after,
    ...(memory.freeMemoryMiB === undefined ? {} : { freeMemoryMiB: memory.freeMemoryMiB }),
    pool: { ...after.pool, freeGiB: pool.freeGiB },
  };
};

/**
 * The host's row after a report; the very same row where nothing is new in it that anybody acts on. A host that was
 * retired while its report was under way stays as it was left.
 */
export const hostAfterReport = (host: Host, report: Report, at: string): Host => {
  if (host.state === 'retired') return host;
  const after = told(host, report, at);
  const facts = calm(host.facts, after.facts);
  return isDeepStrictEqual({ ...after, ...(facts ? { facts } : {}) }, host) ? host : after;
};
