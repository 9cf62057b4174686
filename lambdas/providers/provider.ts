import type { Host } from '../domain/host.ts';
import type { Image } from '../domain/image.ts';
import type { StopMode } from '../domain/stop-mode.ts';
import type { Observed, ProviderName, Readiness, Vm } from '../domain/vm.ts';

/** Under which intent a call is made: marks every side effect, and fences late ones. */
export interface Ask {
  readonly operationId: string;
  /** Rises with each call of a step; a host refuses a lower one. */
  readonly attempt: number;
  /** ISO instant after which a host must not begin any more. */
  readonly notAfter: string;
  /** How often the provider has refused this attempt for haste, so that nothing came of it. */
  readonly refused?: number;
  /** This very call was begun before, and its end is not known. */
  readonly repeated?: boolean;
  /** The SSM node of the VM's host, where the caller knows it. */
  readonly nodeId?: string;
}

/** A host must begin within this time, or not at all: SSM's delivery time-out of our commands. */
const BEGIN_WITHIN_MS = 60_000;

/** Until when what is asked at `since` (ms) must have begun. */
export const notAfterOf = (since: number): string => new Date(since + BEGIN_WITHIN_MS).toISOString();

/** When it was asked, in ms. */
export const askedAt = ({ notAfter }: Ask): number => Date.parse(notAfter) - BEGIN_WITHIN_MS;

/**
 * What came of asking. `done`: it is so now. `pending`: it was accepted, and an event will answer the wait that the
 * step has registered before it asked; `commandId` and `nodeId` are kept for the look that covers a lost event.
 */
export type Answer =
  | {
      readonly status: 'done';
      readonly observed?: Partial<Observed>;
      readonly ready?: Readiness;
      readonly detail?: string;
    }
  | {
      readonly status: 'pending';
      readonly commandId?: string;
      readonly nodeId?: string;
      /** What is known already, kept before the step ends: the id by which the event finds its VM. */
      readonly observed?: Partial<Observed>;
      readonly detail?: string;
    };

/** What a create needs beside the VM's row. */
export interface CreateContext {
  readonly host?: Host;
  readonly image?: Image;
}

export interface StopOptions {
  readonly mode: StopMode;
  /** Pull the plug (KVM destroy, EC2 force). */
  readonly force: boolean;
  readonly graceSeconds: number;
  /** EC2 only. */
  readonly skipOsShutdown: boolean;
}

/**
 * `readiness`: its hosts report when a guest is ready; elsewhere running counts as ready. `save` and `hibernate`: modes of a
 * stop that keep the memory; which VM can is domain/stop-mode.ts.
 */
export type Capability =
  | 'console-log'
  | 'undelete'
  | 'reset'
  | 'user-data'
  | 'termination-protection'
  | 'readiness'
  | 'save'
  | 'hibernate';

/** Whether what `describe` answered means that the VM is not there. */
export const isGone = (observed: Observed | undefined): boolean =>
  observed === undefined || observed.state === 'deleted';

/**
 * What NovaCron asks of a place where VMs run. test/contract runs one suite against every implementation.
 * Every method is idempotent by (VM, operation); each throws only our Faults.
 */
export interface Provider {
  readonly name: ProviderName;
  readonly capabilities: ReadonlySet<Capability>;
  /** Asks for the VM. The same operation twice makes one VM. @throws CapacityUnavailable, SpecRefused, HostUnreachable … */
  create(vm: Vm, context: CreateContext, ask: Ask): Promise<Answer>;
  /** Starting a running VM succeeds. @throws VmLost where it is gone */
  start(vm: Vm, ask: Ask): Promise<Answer>;
  /** Stopping a stopped or saved VM succeeds; by force a saved one loses its memory. @throws CapabilityMissing for a mode it lacks */
  stop(vm: Vm, options: StopOptions, ask: Ask): Promise<Answer>;
  /** By the guest's own means. */
  reboot(vm: Vm, ask: Ask): Promise<Answer>;
  /**
   * As the reset button does. @throws CapabilityMissing on EC2: a forced stop and a start is no reset there, for it moves
   * the VM to other hardware, gives it another public address and empties its instance-store disks
   */
  reset(vm: Vm, ask: Ask): Promise<Answer>;
  /** Removing a VM that is gone succeeds. `purge` removes what retention would keep. */
  remove(vm: Vm, options: { readonly purge: boolean }, ask: Ask): Promise<Answer>;
  /** Brings back the definition of a VM removed with its disks kept; it ends stopped. */
  undelete(vm: Vm, ask: Ask): Promise<Answer>;
  /** Takes back what a failed or abandoned create left, and first raises the fence so that no late command runs after it. */
  undoCreate(vm: Vm, ask: Ask): Promise<Answer>;
  /**
   * Truth now: undefined where the provider does not know it (yet, or any more), state `deleted` where it knows that it
   * was. Judge both with isGone.
   */
  describe(vm: Vm): Promise<Observed | undefined>;
  /**
   * The same of many of one Region in as few calls as may be, by the provider's ids; absent where one call tells of one VM only.
   * Whoever the answer does not name is to be described by itself.
   */
  describeAll?(vms: readonly Vm[]): Promise<ReadonlyMap<string, Observed>>;
  /** The tail of the serial console, at most `bytes` of it. */
  consoleLog(vm: Vm, options: { readonly bytes: number }): Promise<string>;
}
