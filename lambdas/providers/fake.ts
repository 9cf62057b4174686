import { Fault } from '../domain/faults.ts';
import type { Machine as Seen } from '../domain/invariants/world.ts';
import type { Observed, ProviderName, Vm } from '../domain/vm.ts';
import type { VmState } from '../domain/vm-state.ts';
import type { Answer, Ask, Capability, CreateContext, Provider, StopOptions } from './provider.ts';

/** One call that the fake took, refused ones too. */
export interface FakeCall {
  readonly method: keyof Provider;
  readonly vmId: string;
  readonly ask?: Ask;
}

export interface FakeSettings {
  readonly name?: ProviderName;
  /** `automatic` answers `done` at once; `manual` answers `pending` until `settle` is called, as an event would come. */
  readonly progress?: 'automatic' | 'manual';
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  readonly capabilities?: readonly Capability[];
}

interface Machine {
  readonly observed: Observed;
  readonly operationId: string;
  /** Where it is heading while progress is manual. */
  readonly heading?: VmState;
  readonly retained: boolean;
}

const ALL: readonly Capability[] = ['console-log', 'undelete', 'reset', 'user-data', 'save'];

/**
 * A place where VMs run that exists in memory only, and keeps the contract of Provider. Tests give it the next failure,
 * read what it was asked, and decide when what was asked comes true.
 */
export class FakeProvider implements Provider {
  readonly name: ProviderName;
  readonly capabilities: ReadonlySet<Capability>;
  /** Every call in order. */
  readonly calls: FakeCall[] = [];
  readonly #machines = new Map<string, Machine>();
  readonly #undone = new Set<string>();
  readonly #failures: { method: keyof Provider; fault: Fault; after: boolean }[] = [];
  readonly #manual: boolean;
  readonly #now: () => number;

  constructor({ name = 'kvm', progress = 'automatic', now = Date.now, capabilities = ALL }: FakeSettings = {}) {
    this.name = name;
    this.capabilities = new Set(capabilities);
    this.#manual = progress === 'manual';
    this.#now = now;
  }

  /** The next call of this method fails; `after` its effect, as when a reply is lost. */
  failNext(method: keyof Provider, fault: Fault, { after = false } = {}): void {
    this.#failures.push({ method, fault, after });
  }

  /** Lets what was asked of this VM come true, and tells what is so now. */
  settle(vmId: string): Observed | undefined {
    const machine = this.#machines.get(vmId);
    if (machine?.heading !== undefined) this.#put(vmId, machine, machine.heading);
    return this.#seen(vmId);
  }

  /** How many machines stand for this VM: the invariant is at most one. */
  count(vmId: string): number {
    return this.#seen(vmId) === undefined ? 0 : 1;
  }

  /** Everything that stands here, as the auditor is told of it. */
  machines(): Seen[] {
    const standing = [...this.#machines].filter(([, { retained }]) => !retained);
    return standing.map(
      ([
        vmId,
        {
          observed: { providerId, state, location },
        },
      ]) => {
        return { provider: this.name, place: location.hostId ?? location.region ?? '', providerId, vmId, state };
      },
    );
  }

  /** Takes the machine away as a person at the provider's own console would. */
  vanish(vmId: string): void {
    this.#machines.delete(vmId);
  }

  create(vm: Vm, _context: CreateContext, ask: Ask): Promise<Answer> {
    return this.#call('create', vm, ask, () => {
      if (this.#undone.has(ask.operationId)) throw new Fault('CommandFenced', `${ask.operationId} was undone.`);
      if (this.#now() > Date.parse(ask.notAfter)) throw new Fault('CommandTooLate', `It came after ${ask.notAfter}.`);
      const machine = this.#machines.get(vm.id) ?? this.#newMachine(vm, ask);
      return this.#head(vm, machine, 'running');
    });
  }

  start(vm: Vm, ask: Ask): Promise<Answer> {
    return this.#call('start', vm, ask, () => this.#head(vm, this.#machine(vm), 'running'));
  }

  stop(vm: Vm, { mode, force }: StopOptions, ask: Ask): Promise<Answer> {
    return this.#call('stop', vm, ask, () => {
      if (mode !== 'stop') this.#assertCan(mode);
      const machine = this.#machine(vm);
      const { state } = machine.observed;
      if (!force && (state === 'saved' || state === 'stopped')) return this.#head(vm, machine, state);
      return this.#head(vm, machine, mode === 'save' ? 'saved' : 'stopped');
    });
  }

  reboot(vm: Vm, ask: Ask): Promise<Answer> {
    return this.#call('reboot', vm, ask, () => this.#whileRunning(vm));
  }

  reset(vm: Vm, ask: Ask): Promise<Answer> {
    return this.#call('reset', vm, ask, () => {
      this.#assertCan('reset');
      const machine = this.#machine(vm);
      return machine.observed.state === 'saved' ? this.#head(vm, machine, 'running') : this.#whileRunning(vm);
    });
  }

  remove(vm: Vm, { purge }: { readonly purge: boolean }, ask: Ask): Promise<Answer> {
    return this.#call('remove', vm, ask, () => {
      if (vm.deletionProtection) throw new Fault('VmProtected', `${vm.name} is protected.`);
      const machine = this.#machines.get(vm.id);
      if (purge || machine === undefined || !this.capabilities.has('undelete')) this.#machines.delete(vm.id);
      else this.#machines.set(vm.id, { ...machine, retained: true });
      return { status: 'done' };
    });
  }

  undelete(vm: Vm, ask: Ask): Promise<Answer> {
    return this.#call('undelete', vm, ask, () => {
      this.#assertCan('undelete');
      const machine = this.#machines.get(vm.id);
      if (machine === undefined) throw new Fault('VmLost', `Nothing was kept of ${vm.name}.`);
      this.#put(vm.id, { ...machine, retained: false }, 'stopped');
      return this.#done(vm.id);
    });
  }

  undoCreate(vm: Vm, ask: Ask): Promise<Answer> {
    return this.#call('undoCreate', vm, ask, () => {
      this.#undone.add(ask.operationId);
      if (this.#machines.get(vm.id)?.operationId === ask.operationId) this.#machines.delete(vm.id);
      return { status: 'done' };
    });
  }

  describe(vm: Vm): Promise<Observed | undefined> {
    return this.#call('describe', vm, undefined, () => this.#seen(vm.id));
  }

  consoleLog(vm: Vm, { bytes }: { readonly bytes: number }): Promise<string> {
    return this.#call('consoleLog', vm, undefined, () => `${this.#machine(vm).observed.name} login: `.slice(-bytes));
  }

  async #call<Result>(method: keyof Provider, vm: Vm, ask: Ask | undefined, act: () => Result): Promise<Result> {
    this.calls.push({ method, vmId: vm.id, ...(ask === undefined ? {} : { ask }) });
    const index = this.#failures.findIndex((failure) => failure.method === method);
    const [failure] = index < 0 ? [] : this.#failures.splice(index, 1);
    if (failure !== undefined && !failure.after) throw failure.fault;
    const result = act();
    if (failure !== undefined) throw failure.fault;
    return result;
  }

  #assertCan(capability: Capability): void {
    if (!this.capabilities.has(capability)) throw new Fault('CapabilityMissing', `${this.name} has no ${capability}.`);
  }

  /** A removed VM is gone for every verb but undelete. */
  #machine(vm: Vm): Machine {
    const machine = this.#machines.get(vm.id);
    if (machine === undefined || machine.retained) throw new Fault('VmLost', `${vm.name} is not there.`);
    return machine;
  }

  #whileRunning(vm: Vm): Answer {
    const { state } = this.#machine(vm).observed;
    if (state !== 'running') throw new Fault('InvalidTransition', `${vm.name} is ${state}.`);
    return this.#done(vm.id);
  }

  #newMachine(vm: Vm, { operationId }: Ask): Machine {
    const { name, location, vcpus, memoryMiB, disks, nics, tags } = vm;
    const providerId = `fake-${vm.id}`;
    const what = { providerId, name, location, vcpus, memoryMiB, disks, nics, tags, addresses: [] };
    return { operationId, retained: false, observed: { ...what, state: 'pending', vmId: vm.id, operationId } };
  }

  #head(vm: Vm, machine: Machine, heading: VmState): Answer {
    if (!this.#manual || machine.observed.state === heading) {
      this.#put(vm.id, machine, heading);
      return this.#done(vm.id);
    }
    this.#machines.set(vm.id, { ...machine, heading });
    return { status: 'pending', observed: { providerId: machine.observed.providerId } };
  }

  #put(vmId: string, { heading, ...machine }: Machine, state: VmState): void {
    const addresses = state === 'running' ? ['192.0.2.10'] : [];
    this.#machines.set(vmId, { ...machine, observed: { ...machine.observed, state, addresses } });
  }

  #done(vmId: string): Answer {
    const observed = this.#seen(vmId);
    return { status: 'done', ...(observed === undefined ? {} : { observed }) };
  }

  #seen(vmId: string): Observed | undefined {
    const machine = this.#machines.get(vmId);
    return machine === undefined || machine.retained ? undefined : machine.observed;
  }
}
