import * as z from 'zod';
import { Fault } from '../domain/faults.ts';
import { type Host, lastSeqOf } from '../domain/host.ts';
import { HostId } from '../domain/ids.ts';
import type { Vm } from '../domain/vm.ts';
import type { VmState } from '../domain/vm-state.ts';
import { measure } from '../runtime/powertools.ts';
import { eachMessage } from '../runtime/records.ts';
import * as beats from '../store/beats.ts';
import * as hosts from '../store/hosts.ts';
import * as vms from '../store/vms.ts';

const Beat = z.object({ hostId: HostId, beatSeq: z.number().int() });

/** What is over stays as it is; what an operation holds is its to write. */
const STAYS: readonly VmState[] = ['deleted', 'lost', 'unknown'];

const isAwaited = (host: Host | undefined): host is Host => host?.state === 'ready' || host?.state === 'draining';

const unknown = (vm: Vm, host: Host, at: string): Vm => ({
  ...vm,
  state: 'unknown',
  lastState: vm.state,
  ready: { status: 'unknown', reason: 'HostSilent', message: `${host.name} is silent.`, at },
  changedAt: at,
});

const forgetState = async (vm: Vm, host: Host, at: string): Promise<void> => {
  try {
    await vms.swap(vm, unknown(vm, host, at));
  } catch (error) {
    // Somebody wrote it just now, so it is not silent; the next missed beat comes again.
    if (!(error instanceof Fault && error.name === 'WriteConflict')) throw error;
  }
};

/** Queue of beats: a message 35 s old whose beat is still the last one means a silent host. Nothing is restarted elsewhere. */
export const handler = eachMessage(async (message) => {
  const { hostId, beatSeq } = Beat.parse(message);
  const beat = await beats.find(hostId);
  // Nearly always there is a later one, and one small read has said so.
  if (beat !== undefined && beat.version !== beatSeq) return;
  const host = await hosts.find(hostId);
  if (!isAwaited(host) || lastSeqOf(host, beat) !== beatSeq) return;
  const at = new Date().toISOString();
  // The host's row last: until it is written, a repeat of this message begins anew.
  for await (const vm of vms.onHost(hostId)) {
    if (vm.lock === undefined && !STAYS.includes(vm.state)) await forgetState(vm, host, at);
  }
  const reason = `No beat since ${beat?.at ?? host.beatAt ?? host.createdAt}.`;
  await hosts.swap(host, { ...host, state: 'unreachable', reason, changedAt: at });
  measure({ HostUnreachable: 1 });
});
