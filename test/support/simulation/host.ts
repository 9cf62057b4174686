import type * as z from 'zod';
import type { HostAnswer, LateResult } from '../../../lambdas/domain/report.ts';
import type { CreatePayload } from '../../../lambdas/providers/kvm/payload.ts';
import { chainOf } from '../chain-of-host.ts';
import { Fence, failure, HostRefusal, type Order } from './fence.ts';
import type { HostUnit } from './host-unit.ts';
import { build, type Script, VERBS } from './verbs.ts';
import type { World } from './world.ts';

/** A libvirt domain of ours. */
export interface Domain {
  readonly uuid: string;
  readonly vmId: string;
  readonly op: string;
  readonly disk: { readonly path: string; readonly sizeGiB: number };
  readonly vcpus: number;
  readonly memoryMiB: number;
  autostart: boolean;
  isOn: boolean;
  /** Counts its boots: what was to come of an earlier one comes no more. */
  run: number;
}

/** How far a host's clock may be off (F-15). */
const MOST_OFF_MS = 3_600_000;

/** How a script came out: its answer, or that it was killed on its way. */
export type Came = { readonly answer: HostAnswer } | { readonly killed: true };

/** A KVM host in memory: domains, files, journal and what ssm-documents/host-unit does with them, in the world's time. */
export class HostMachine {
  readonly domains = new Map<string, Domain>();
  readonly files = new Set<string>();
  /** The user-data in each VM's seed. */
  readonly seeds = new Map<string, string>();
  readonly retained = new Map<string, { definition: Domain; files: Set<string> }>();
  readonly results: LateResult[] = [];
  /** The host that it was prepared as, and the secret of its chain. */
  preparedAs: string | undefined;
  secret: string | undefined;
  isUp = true;
  silentUntil = 0;
  #offMs = 0;
  readonly unit: HostUnit;
  readonly #world: World;
  readonly #fences = new Map<string, Fence>();
  readonly #fetching = new Set<Order>();

  constructor(world: World, unit: HostUnit) {
    this.#world = world;
    this.unit = unit;
    unit.serve(this);
  }

  /** Whether anything reaches it, or it anything. */
  get isReachable(): boolean {
    return this.isUp && this.#world.scheduler.now >= this.silentUntil;
  }

  /** What its clock says. Milliseconds since the epoch. */
  get now(): number {
    return this.#world.scheduler.now + this.#offMs;
  }

  /** Its clock may leap, ahead or back; once nothing goes wrong any more it is set right. */
  setClock(): void {
    const { faults, random, scheduler } = this.#world;
    if (faults.calm) this.#offMs = 0;
    if (!faults.fires('host-clock-off')) return;
    this.#offMs = random.whole(-MOST_OFF_MS, MOST_OFF_MS);
    scheduler.note(`the clock of ${this.unit.hostId} is off by ${this.#offMs / 1000} s`);
  }

  /** parts/prove_host.py. */
  claim(known: string): Record<string, string | string[]> {
    if (known === 'none') {
      const vmIds = [...this.domains.values()].map(({ vmId }) => vmId);
      return this.preparedAs === undefined ? {} : { preparedAs: this.preparedAs, vmIds };
    }
    const links = this.secret === undefined ? [] : chainOf(this.secret);
    const link = links[links.indexOf(known) - 1];
    return link === undefined ? {} : { link };
  }

  /** command.py, `run`: the fence, then the verb, then the journal. */
  command(verb: string, order: Order): Came {
    const { faults, random, defects } = this.#world;
    const fence = this.#fences.get(order.domain) ?? new Fence(defects.noFence ?? false);
    this.#fences.set(order.domain, fence);
    try {
      const known = fence.admit(order, verb === 'UndoCreateVm', this.now);
      if (known) return { answer: known };
      const script = VERBS[verb]?.(this, order);
      if (script === undefined) throw new Error(`the host knows no ${verb}`);
      const came = attempt(script, faults.fires('script-killed') ? random.whole(0, 4) : Number.POSITIVE_INFINITY);
      if ('answer' in came) fence.record(order, came.answer);
      return came;
    } catch (error) {
      if (error instanceof HostRefusal) return { answer: failure(error.fault, error.message) };
      throw error;
    }
  }

  hasImages(): boolean {
    return !this.#world.faults.fires('image-missing');
  }

  diskIsFull(): boolean {
    return this.#world.faults.fires('disk-full');
  }

  /** create.py, `fetch_and_create`: builds without the VM's lock held meanwhile, only if nothing overtook it. */
  fetchThenBuild(order: Order): void {
    const { scheduler, random } = this.#world;
    this.#fetching.add(order);
    scheduler.after(random.between(3_000, 60_000), 'the image is fetched', () => {
      if (!this.#fetching.delete(order)) return;
      const fence = this.#fences.get(order.domain);
      const came = fence?.holds(order)
        ? attempt(build(this, order), Number.POSITIVE_INFINITY)
        : { answer: failure('CommandFenced', 'it was overtaken while its image was fetched') };
      if (!('answer' in came)) return;
      fence?.record(order, came.answer);
      this.#leave(order, came.answer);
    });
  }

  #leave({ op, attempt }: Order, answer: HostAnswer): void {
    this.results.push({ op, attempt, answer });
    this.unit.wake();
  }

  /** create.py, `_make_seed`. @throws HostRefusal where what the plane keeps cannot be fetched */
  makeSeed({ vmId, payload }: Order): void {
    // The payload was written by create-payload.ts.
    const { userData } = (payload as unknown as z.infer<typeof CreatePayload>).seed;
    this.seeds.set(vmId, 'text' in userData ? userData.text : this.#world.bucket.fetched(userData));
  }

  define({ domain: uuid, vmId, op, payload }: Order): void {
    // The payload was written by create-payload.ts.
    const { disks, domainXml } = payload as unknown as z.infer<typeof CreatePayload>;
    const { path = '', sizeGiB = 0 } = disks[0] ?? {};
    const shape = { vcpus: numberIn(domainXml, 'vcpu'), memoryMiB: numberIn(domainXml, 'memory') };
    this.defineAgain({ uuid, vmId, op, disk: { path, sizeGiB }, ...shape, autostart: false, isOn: false, run: 0 });
  }

  defineAgain(definition: Domain): void {
    this.domains.set(definition.uuid, { ...definition, isOn: false });
    this.unit.tell(definition, 'defined', 'added');
  }

  undefine(domain: Domain): void {
    this.powerOff(domain, 'destroyed');
    this.domains.delete(domain.uuid);
    this.unit.tell(domain, 'undefined', 'removed');
  }

  powerOn(domain: Domain, reason: string): void {
    if (domain.isOn) return;
    domain.isOn = true;
    domain.run += 1;
    this.unit.tell(domain, 'started', reason);
    this.unit.watch(domain);
  }

  powerOff(domain: Domain, reason: string): void {
    if (!domain.isOn) return;
    domain.isOn = false;
    domain.run += 1;
    this.unit.tell(domain, 'stopped', reason);
  }

  pressButton(domain: Domain): void {
    const { scheduler, faults, random } = this.#world;
    if (faults.fires('guest-deaf')) return;
    const { run } = domain;
    scheduler.after(random.between(1_000, 20_000), '', () => {
      if (domain.run === run) this.powerOff(domain, 'shutdown');
    });
  }

  reboot(domain: Domain): void {
    const { scheduler, random } = this.#world;
    const { run } = domain;
    scheduler.after(random.between(100, 3_000), '', () => {
      if (domain.run !== run) return;
      domain.run += 1;
      this.unit.tell(domain, 'started', 'rebooted');
      this.unit.watch(domain);
    });
  }

  /** The power fails: guests are off without a word, unwritten answers and fetches are lost; after a while it boots. */
  die(): void {
    const { scheduler, random } = this.#world;
    if (!this.isUp) return;
    this.isUp = false;
    for (const domain of this.domains.values()) Object.assign(domain, { isOn: false, run: domain.run + 1 });
    for (const fence of this.#fences.values()) fence.forgetAnswers();
    const broken = [...this.#fetching];
    this.#fetching.clear();
    scheduler.after(random.between(30_000, 180_000), 'a host boots', () => {
      this.isUp = true;
      for (const domain of this.domains.values()) if (domain.autostart) this.powerOn(domain, 'booted');
      for (const order of broken) this.#leave(order, failure('HostFault', 'the fetch of the image was broken off'));
      this.unit.wake();
    });
  }
}

const numberIn = (xml: string, element: string): number =>
  Number(new RegExp(`<${element}[^>]*>(\\d+)<`).exec(xml)?.[1]);

/** Runs a script to its end, or for so many steps. */
const attempt = (script: Script, steps: number): Came => {
  try {
    for (let step = 0; step < steps; step += 1) {
      const { done, value } = script.next();
      // libvirt's answers are JSON already.
      if (done) return { answer: { ok: true, result: value as Extract<HostAnswer, { ok: true }>['result'] } };
    }
    return { killed: true };
  } catch (error) {
    if (error instanceof HostRefusal) return { answer: failure(error.fault, error.message) };
    throw error;
  }
};
