import type { DomainEvent, InventoryDomain, Report } from '../../../lambdas/domain/report.ts';
import { call } from '../api.ts';
import type { Domain, HostMachine } from './host.ts';
import type { World } from './world.ts';

/** What came together is told together (unit.py, TICK). */
const TICK_MS = 1_000;
/** The real unit beats each 10 s; the plane minds a silence of 35, so half as many beats tell it the same. */
const BEAT_MS = 20_000;
const INVENTORY_MS = 60_000;
const TRIES_MS = [500, 8_000] as const;

/** The host unit: events as they happen, beats, inventories and late results, through the real route, until they are taken. */
export class HostUnit {
  readonly hostId: string;
  readonly #world: World;
  /** What it reports by. */
  token: string;
  isOn = true;
  readonly #outbox: Report[] = [];
  #host: HostMachine | undefined;
  #events: DomainEvent[] = [];
  #seq = 0;
  #reportedAt = 0;
  #isSending = false;
  #isWoken = false;

  constructor(world: World, hostId: string, token: string) {
    this.#world = world;
    this.hostId = hostId;
    this.token = token;
  }

  serve(host: HostMachine): void {
    this.#host = host;
    this.#world.scheduler.after(this.#world.random.between(0, BEAT_MS), '', () => this.#beat(), true);
  }

  #beat(): void {
    const { scheduler } = this.#world;
    scheduler.after(
      BEAT_MS,
      '',
      () => {
        if (this.#host?.isUp) this.#report(scheduler.now - this.#reportedAt >= INVENTORY_MS);
        this.#beat();
      },
      true,
    );
  }

  /** Notes an event of libvirt's. */
  tell({ uuid, vmId }: Domain, kind: DomainEvent['kind'], reason: string): void {
    this.#events.push({ at: this.#now(), domain: uuid, vmId, kind, reason });
    this.wake();
  }

  wake(): void {
    if (this.#isWoken) return;
    this.#isWoken = true;
    this.#world.scheduler.after(TICK_MS, '', () => {
      this.#isWoken = false;
      if (this.#host?.isUp) this.#report(true);
    });
  }

  /** Waits for a guest that has booted, and says when it is ready, or that it is not. */
  watch(domain: Domain): void {
    const { scheduler, faults, random } = this.#world;
    const { run } = domain;
    const isSlow = faults.fires('guest-slow');
    scheduler.after(isSlow ? 61_000 : random.between(2_000, 15_000), '', () => {
      if (domain.run !== run || this.#host?.domains.get(domain.uuid) !== domain) return;
      const said = isSlow ? (['not-ready', 'NotReadyInTime'] as const) : (['ready', 'AgentAnswers'] as const);
      const addresses = isSlow ? [] : ['192.0.2.7'];
      this.#events.push({
        at: this.#now(),
        domain: domain.uuid,
        vmId: domain.vmId,
        kind: said[0],
        reason: said[1],
        addresses,
      });
      this.wake();
    });
  }

  #now(): string {
    return new Date(this.#host?.now ?? this.#world.scheduler.now).toISOString();
  }

  #report(withInventory: boolean): void {
    if (!this.isOn) return;
    const events = this.#events.splice(0);
    if (!withInventory && events.length === 0 && this.#outbox.length > 0) return;
    this.#seq += 1;
    const report = { unitVersion: '1', seq: this.#seq, sentAt: this.#now(), events };
    this.#outbox.push(withInventory ? { ...report, ...this.#inventory() } : report);
    if (withInventory) this.#reportedAt = this.#world.scheduler.now;
    if (!this.#isSending) void this.#send();
  }

  #inventory(): Pick<Report, 'facts' | 'inventory' | 'seenAt'> {
    const domains = [...(this.#host?.domains.values() ?? [])];
    return {
      seenAt: this.#now(),
      facts: { freeGiB: 400, freeMemoryMiB: 60_000, images: [] },
      inventory: domains.map(entryOf),
    };
  }

  /** sender.py: oldest first, each until it is taken; results go with whatever is sent. */
  async #send(): Promise<void> {
    const { scheduler, random } = this.#world;
    this.#isSending = true;
    for (let [first] = this.#outbox; first !== undefined; [first] = this.#outbox) {
      if (await this.#post(first)) this.#outbox.shift();
      else await new Promise<void>((resolve) => scheduler.after(random.between(...TRIES_MS), '', resolve));
    }
    this.#isSending = false;
  }

  async #post(report: Report): Promise<boolean> {
    const { lambda, faults } = this.#world;
    const results = [...(this.#host?.results ?? [])];
    if (!this.#host?.isReachable) return false;
    const body = { ...report, sentAt: this.#now(), ...(results.length > 0 ? { results } : {}) };
    const line = `POST /v1/hosts/${this.hostId}/report`;
    const ended = await lambda.invoke('api report', 29, () => call(line, { token: this.token, body }));
    const taken = 'result' in ended && (ended.result as { status: number }).status < 500;
    if (!taken || faults.fires('report-twice')) return false;
    this.#host?.results.splice(0, results.length);
    return true;
  }
}

const entryOf = ({ uuid, vmId, op, disk, vcpus, memoryMiB, isOn }: Domain): InventoryDomain => ({
  uuid,
  name: `d-${vmId.slice(-6)}`,
  state: isOn ? 'running' : 'stopped',
  reason: isOn ? 'booted' : 'shutdown',
  vcpus,
  memoryMiB,
  vmId,
  installation: 'unit',
  operationId: op,
  addresses: isOn ? ['192.0.2.7'] : [],
  disks: [{ target: 'vda', ...disk }],
  nics: [],
});
