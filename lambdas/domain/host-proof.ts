import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Host } from './host.ts';
import { HostId, VmId } from './ids.ts';

/** A link of a host's chain of hashes (ssm-documents/host-unit/novacron_host/identity.py). */
export const Link = z.string().regex(/^[0-9a-f]{64}$/);

/** By what a machine says that it is a host we know (ssm-documents/parts/prove_host.py). */
export const HostClaim = z.strictObject({
  /** The link before the one that we know. */
  link: Link.optional(),
  /** The host that it was prepared as, and the VMs whose domains it has: told where we know no link. */
  preparedAs: HostId.optional(),
  vmIds: z.array(VmId).max(1000).default([]),
});

/** A claim, and the node that made it. */
export const HostProof = HostClaim.extend({ nodeId: z.string() });
export type HostProof = z.infer<typeof HostProof>;

const isBefore = (link: string | undefined, known: string): boolean =>
  link !== undefined && createHash('sha256').update(link).digest('hex') === known;

const SAME_OR_NEW =
  'Was it the right machine? If the host is gone for good, give it up and enrol this one by another name.';

/**
 * Why a machine that has registered for a host is not believed to be that host; undefined where it is proved. `vmIds` are
 * those of the host's VMs.
 */
export const doubtOf = (host: Host, proof: HostProof, vmIds: readonly string[]): string | undefined => {
  const { name, state, identity } = host;
  if (state !== 'unreachable') {
    return `${name} reports by the unit it had, so it is where it was. If that is this very machine, stop its unit first.`;
  }
  if (identity !== undefined) {
    if (isBefore(proof.link, identity)) return undefined;
    return `The machine that registered does not hold the key of ${name}. ${SAME_OR_NEW}`;
  }
  if (proof.preparedAs !== host.id) return `The machine that registered was never prepared as ${name}. ${SAME_OR_NEW}`;
  if (proof.vmIds.some((id) => vmIds.includes(id))) return undefined;
  return `The machine that registered has no domain of ${name}'s VMs, and ${name} has no key yet to know it by. ${SAME_OR_NEW}`;
};
