import { beforeEach, expect } from 'vitest';
import { watchRules } from '../../lambdas/alerting/rules-due.ts';
import type { AlertWorld } from './alert-world.ts';
import { call, insertHost, insertVm, newHost, newVm, signIn } from './api.ts';
import { StateTable } from './state-table.ts';

export const CPU = 'vm.cpu.utilization';

const YAML = `
route: { receiver: team, group_by: [alertname, vm], group_wait: 0s, group_interval: 1m }
receivers:
  - name: team
    webhook_configs: [{ url: 'https://hooks.example.org/team' }]
`;
const MACHINE = { 'host.cpu.utilization': 0.5 };
const LATE = '2099-01-01T00:00:00.000Z';

export const HOST = newHost({ createdAt: '2026-11-25T09:00:00.000Z' });
export const WEB = newVm({
  name: 'web-1',
  providerId: '11111111-1111-4111-8111-111111111111',
  changedAt: '2026-11-25T09:00:00.000Z',
});

/** A plane with one host that measures itself and one VM, and a receiver that hears at once. */
export class MeasuredHost {
  readonly state = new StateTable();
  readonly world: AlertWorld;
  operator = '';
  #token = '';

  constructor(world: AlertWorld) {
    this.world = world;
    world.tick = () => watchRules(Date.now());
  }

  async begin(): Promise<void> {
    this.operator = await signIn('operator', { expiresAt: LATE });
    this.#token = await signIn('host', { hostId: HOST.id, expiresAt: LATE });
    await insertHost(HOST);
    await insertVm(WEB);
    await call('POST /v1/routes', { token: this.operator, body: { yaml: YAML } });
  }

  async rule(body: object): Promise<void> {
    const got = await call('POST /v1/rules', { token: this.operator, body });
    expect(got.status, JSON.stringify(got.body)).toBe(201);
  }

  instant(seconds: number): string {
    return new Date(this.world.begin + seconds * 1000).toISOString();
  }

  until(seconds: number): Promise<void> {
    return this.world.until(seconds);
  }

  /** What the host says then, of the second that it says it of. @returns the plane's answer */
  async report(seconds: number, values: Readonly<Record<string, number>> | undefined): Promise<{ status: number }> {
    await this.until(seconds);
    const at = this.instant(seconds);
    const domains = values === undefined ? [] : [{ uuid: WEB.providerId, values }];
    const samples = [{ at, intervalSeconds: 15, host: MACHINE, domains }];
    const body = { unitVersion: '1', sentAt: at, samples };
    return call(`POST /v1/hosts/${HOST.id}/metrics`, { token: this.#token, body });
  }

  /** What is measured then; nothing of the VM where no value is given. */
  async measure(seconds: number, cpu?: number): Promise<void> {
    const got = await this.report(seconds, cpu === undefined ? undefined : { [CPU]: cpu });
    expect(got.status, JSON.stringify(got)).toBe(200);
  }

  /** What the receiver was posted, each with its second. */
  told(): string[] {
    return this.world.posts.map(({ at, body: { status, alerts } }) =>
      [at / 1000, status, ...alerts.map(({ labels }) => `${labels.alertname}:${labels.vm ?? labels.host}`)].join(' '),
    );
  }
}

/** One for each test. */
export const measuredHost = (world: () => AlertWorld): (() => MeasuredHost) => {
  let host: MeasuredHost;
  beforeEach(async () => {
    host = new MeasuredHost(world());
    await host.begin();
  });
  return () => host;
};
