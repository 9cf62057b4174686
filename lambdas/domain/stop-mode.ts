import * as z from 'zod';
import { Fault } from './faults.ts';
import type { ProviderName, Vm } from './vm.ts';

/**
 * How a VM is brought to a stop. `stop`: its guest shuts down. `hibernate`, on EC2, and `save`, on KVM: its memory is kept
 * on a disk, and the next start goes on from there.
 */
export const StopMode = z.enum(['stop', 'hibernate', 'save']);
export type StopMode = z.infer<typeof StopMode>;

/** Seconds until a stop is over, where nothing is said: a guest shuts down in one minute, memory is written for minutes. */
export const GRACE_SECONDS: Readonly<Record<StopMode, number>> = { stop: 60, hibernate: 600, save: 600 };

type Stopped = Pick<Vm, 'provider' | 'name' | 'spec'>;

const LACKS: Readonly<Record<ProviderName, (vm: Stopped) => Partial<Record<StopMode, string>>>> = {
  kvm: () => ({ hibernate: 'KVM does not hibernate; it keeps memory by the mode save' }),
  ec2: ({ spec }) => ({
    save: 'EC2 does not save memory; it keeps it by the mode hibernate',
    ...(spec?.ec2?.hibernate
      ? {}
      : { hibernate: 'it was not created with hibernate: true, and EC2 enables hibernation at launch only' }),
  }),
};

/** Why a VM cannot be stopped so; undefined where it can. */
const lacksMode = (vm: Stopped, mode: StopMode): string | undefined => LACKS[vm.provider](vm)[mode];

/** The word of each place for memory that is kept. */
const KEEPS: Readonly<Record<ProviderName, StopMode>> = { ec2: 'hibernate', kvm: 'save' };

/** How one of many VMs, of both worlds, is to be stopped. */
interface Chosen {
  readonly mode: StopMode;
  /** Why its memory is not kept, though that was wished. */
  readonly lack?: string;
}

/** What a wish for many comes to at one VM: memory is kept the way its own place knows, and where it cannot be the stop is a plain one. */
export const modeWhereItCan = (vm: Stopped, wish: StopMode = 'stop'): Chosen => {
  const mode = wish === 'stop' ? wish : KEEPS[vm.provider];
  const lack = lacksMode(vm, mode);
  return lack === undefined ? { mode } : { mode: 'stop', lack };
};

/** Refuses, before anything starts, what cannot be. @throws CapabilityMissing */
export const assertMode = (vm: Stopped, mode: StopMode): void => {
  const lack = lacksMode(vm, mode);
  if (lack !== undefined) throw new Fault('CapabilityMissing', `${vm.name}: ${lack}.`);
};
