import { Fault } from '../domain/faults.ts';
import type { Host } from '../domain/host.ts';
import type { Vm } from '../domain/vm.ts';
import type { VmState } from '../domain/vm-state.ts';
import * as vms from '../store/vms.ts';

/** What is over stays as it is; what an operation holds is its to write. */
const STAYS: readonly VmState[] = ['deleted', 'lost', 'unknown'];

const unknown = (vm: Vm, message: string, at: string): Vm => ({
  ...vm,
  state: 'unknown',
  lastState: vm.state,
  ready: { status: 'unknown', reason: 'HostSilent', message, at },
  changedAt: at,
});

const forget = async (vm: Vm, message: string, at: string): Promise<void> => {
  try {
    await vms.swap(vm, unknown(vm, message, at));
  } catch (error) {
    // Somebody wrote it just now, so it is not silent; whatever tells of the host's silence is told again.
    if (!(error instanceof Fault && error.name === 'WriteConflict')) throw error;
  }
};

/** The VMs of a host of which nothing can be known now are `unknown`, what they were last beside it. Nothing is restarted elsewhere. */
export const forgetGuests = async ({ id }: Host, message: string, at: string): Promise<void> => {
  for await (const vm of vms.onHost(id)) {
    if (vm.lock === undefined && !STAYS.includes(vm.state)) await forget(vm, message, at);
  }
};
