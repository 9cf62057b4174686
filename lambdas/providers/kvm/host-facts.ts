import { Fault } from '../../domain/faults.ts';
import { HostFacts } from '../../domain/host.ts';
import { HostProof, Link } from '../../domain/host-proof.ts';
import type { Result } from './outcome.ts';

/** The last link of the host's chain, as enrolment found or made it. */
export const identityOfResult = ({ identity }: Result): { identity?: string } => {
  const link = Link.safeParse(identity);
  return link.success ? { identity: link.data } : {};
};

/** By what the machine that is this node says that it is a host we know. @throws CommandGarbled */
export const proofOfResult = (result: Result, nodeId: string | undefined): HostProof => {
  const proof = HostProof.safeParse({ ...result, nodeId });
  if (!proof.success) throw new Fault('CommandGarbled', `The machine's claim cannot be read: ${proof.error.message}`);
  return proof.data;
};

/** What enrolment found. @throws EnrolmentRefused naming each required check that fails and its fix, CommandGarbled */
export const factsOfResult = ({ identity: _, ...result }: Result): HostFacts => {
  const facts = HostFacts.safeParse(result);
  if (!facts.success) throw new Fault('CommandGarbled', `The host's facts cannot be read: ${facts.error.message}`);
  const failed = facts.data.checks.filter(({ ok, required }) => required && !ok);
  if (failed.length === 0) return facts.data;
  const said = failed.map(({ name, detail, fix }) => `${name}: ${detail}${fix ? ` → ${fix}` : ''}`);
  throw new Fault('EnrolmentRefused', said.join('; '));
};
