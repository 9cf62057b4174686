import { Fault } from '../domain/faults.ts';
import type { HostAnswer } from '../domain/report.ts';
import { factsOfResult, identityOfResult, proofOfResult } from '../providers/kvm/host-facts.ts';
import { answerOfHost, answerOfResult, type Invocation, resultOf } from '../providers/kvm/outcome.ts';
import type { Answer } from '../providers/provider.ts';
import type { Said } from './answer.ts';

/** What a provider's answer says to the step that waits; undefined while it is under way. */
export const saidOf = (answer: Answer): Said | undefined => {
  if (answer.status === 'pending') return undefined;
  const { status: _, ...outcome } = answer;
  return { outcome };
};

const orFault = (hear: () => Said | undefined): Said | undefined => {
  try {
    return hear();
  } catch (error) {
    if (error instanceof Fault) return { fault: error };
    throw error;
  }
};

/** What a command on a host says to the step that sent it; undefined while it is under way. */
export const heardFrom = (step: string, invocation: Invocation): Said | undefined =>
  orFault(() => {
    const result = resultOf(invocation);
    if (result === undefined) return undefined;
    if (step === 'Prove Host') return { outcome: { proof: proofOfResult(result, invocation.InstanceId) } };
    if (step === 'Prepare Host') return { outcome: { facts: factsOfResult(result), ...identityOfResult(result) } };
    return saidOf(answerOfResult(result));
  });

/** The same of an outcome that the host unit reports later. */
export const heardLate = (answer: HostAnswer): Said | undefined => orFault(() => saidOf(answerOfHost(answer)));
