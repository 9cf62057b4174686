import { FAULTS, Fault, type FaultName } from '../../domain/faults.ts';
import type { HostAnswer } from '../../domain/report.ts';
import type { Answer } from '../provider.ts';
import { answerOfOutput } from './answer-line.ts';
import { VmResult } from './payload.ts';

/** What GetCommandInvocation says of one command on one node; the names are SSM's. */
export interface Invocation {
  readonly Status?: string | undefined;
  /** Finer than Status; SSM writes it with blanks in some places (`Delivery Timed Out`) and without in others. */
  readonly StatusDetails?: string | undefined;
  readonly ResponseCode?: number | undefined;
  readonly StandardOutputContent?: string | undefined;
  readonly StandardErrorContent?: string | undefined;
  /** The node that it is about. */
  readonly InstanceId?: string | undefined;
}

/** What a document that succeeded carries back; each verb reads it by its own schema. */
export type Result = Extract<HostAnswer, { ok: true }>['result'];

/** Exit codes of our documents (ssm-documents/); any other is a crash. */
const EXIT_FAULT: Readonly<Record<number, FaultName>> = {
  11: 'CommandFenced',
  12: 'SpecRefused',
  13: 'HostUnitOutdated',
};
const EXIT_NAMED = new Set([10, 11, 12, 13]);

const STATUS_FAULT: Readonly<Record<string, { name: FaultName; detail: string }>> = {
  DeliveryTimedOut: { name: 'HostUnreachable', detail: 'The host did not take the command in time.' },
  Undeliverable: { name: 'HostUnreachable', detail: 'The host could not be reached.' },
  InvalidPlatform: { name: 'HostFault', detail: 'The node is not the Linux host that the command is for.' },
  AccessDenied: { name: 'ProviderDenied', detail: 'The node may not run the command: look at the node role.' },
  ExecutionTimedOut: { name: 'TimedOut', detail: 'The host did not finish the command in time.' },
  TimedOut: { name: 'TimedOut', detail: 'The host did not finish the command in time.' },
  Cancelled: { name: 'Cancelled', detail: 'The command was cancelled.' },
  Terminated: { name: 'Cancelled', detail: 'The command was terminated.' },
};

const UNFINISHED = new Set(['Pending', 'InProgress', 'Delayed', 'Cancelling']);

const isFaultName = (name: string): name is FaultName => Object.hasOwn(FAULTS, name);

/** The fault that a host named; a name we do not know is the host's own. */
const faultOf = (answer: Extract<HostAnswer, { ok: false }>): Fault =>
  isFaultName(answer.fault)
    ? new Fault(answer.fault, answer.detail)
    : new Fault('HostFault', `${answer.fault}: ${answer.detail}`);

const stderrOf = ({ StandardErrorContent }: Invocation): string => (StandardErrorContent ?? '').trim().slice(-500);

/** Exit 0 must say ok, 10 to 13 must not: a host that contradicts itself is not believed. */
const assertAgrees = (answer: HostAnswer, code: number): void => {
  if (answer.ok !== (code === 0)) {
    throw new Fault('CommandGarbled', `The host's answer says ok: ${answer.ok}, its exit code is ${code}.`);
  }
};

/** What a document that ran to its end answered. @throws CommandGarbled, or HostFault where it crashed */
const answerOfExit = (invocation: Invocation): HostAnswer => {
  const code = invocation.ResponseCode ?? -1;
  if (code !== 0 && !EXIT_NAMED.has(code)) {
    throw new Fault('HostFault', `The command ended with exit code ${code}. ${stderrOf(invocation)}`.trim());
  }
  try {
    const answer = answerOfOutput(invocation.StandardOutputContent ?? '');
    assertAgrees(answer, code);
    return answer;
  } catch (fault) {
    const name = EXIT_FAULT[code];
    if (name === undefined) throw fault;
    throw new Fault(name, `The command ended with exit code ${code}. ${stderrOf(invocation)}`.trim(), { cause: fault });
  }
};

/**
 * What came of a command: the host's result, or undefined while it is still under way.
 * @throws the Fault that the host named, that its exit code or SSM's status stands for, or CommandGarbled
 */
export const resultOf = (invocation: Invocation): Result | undefined => {
  const status = invocation.Status ?? 'Pending';
  if (UNFINISHED.has(status)) return undefined;
  const known = STATUS_FAULT[(invocation.StatusDetails ?? '').replaceAll(' ', '')] ?? STATUS_FAULT[status];
  if (known) throw new Fault(known.name, known.detail);
  if (status !== 'Success' && status !== 'Failed') throw new Fault('HostFault', `SSM reports ${status}.`);
  const answer = answerOfExit(invocation);
  if (!answer.ok) throw faultOf(answer);
  if (status !== 'Success') throw new Fault('CommandGarbled', `SSM reports ${status}, the host's answer says ok.`);
  return answer.result;
};

const DISK_LETTERS = 'abcdefghijklmnopqrst';

const disksOf = (disks: NonNullable<VmResult['disks']>) =>
  disks.map(({ path, sizeGiB }, index) => ({
    name: `vd${DISK_LETTERS[index]}`,
    sizeGiB,
    boot: index === 0,
    providerId: path,
  }));

/**
 * A verb's result as every provider answers. `fetching` and `stopping` are pending still: a report of the host unit
 * will answer. @throws CommandGarbled
 */
export const answerOfResult = (result: Result): Answer => {
  const read = VmResult.safeParse(result);
  if (!read.success) throw new Fault('CommandGarbled', `The host's result is not one of a VM: ${read.error.message}`);
  const { state, uuid, disks, detail } = read.data;
  if (state === 'fetching' || state === 'stopping') return { status: 'pending', detail: detail ?? state };
  return {
    status: 'done',
    observed: {
      state: state === 'gone' ? 'deleted' : state,
      ...(uuid ? { providerId: uuid } : {}),
      ...(disks ? { disks: disksOf(disks) } : {}),
    },
    ...(detail === undefined ? {} : { detail }),
  };
};

/** A result that the host unit reported late (LateResult.answer). @throws the Fault the host named */
export const answerOfHost = (answer: HostAnswer): Answer => {
  if (!answer.ok) throw faultOf(answer);
  return answerOfResult(answer.result);
};
