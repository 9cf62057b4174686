import { DEFAULT_PROJECT } from '../domain/ids.ts';
import { alertsFamily, exposition } from '../domain/metrics/exposition.ts';
import { hostSubject, vmSubject } from '../domain/metrics/labels.ts';
import { sourcesAround } from '../domain/metrics/sources.ts';
import { readLatest } from '../runtime/read-samples.ts';
import * as alerts from '../store/alerts.ts';
import * as hosts from '../store/hosts.ts';
import * as vms from '../store/vms.ts';
import { route } from './route.ts';

/** As long as Prometheus takes a value for current. */
const CURRENT_MS = 300_000;

/** The installation's hosts are shown with its own project. */
const hostsFor = async (project: string) =>
  project === DEFAULT_PROJECT ? (await hosts.all()).filter(({ state }) => state !== 'retired') : [];

/** GET /metrics */
export const getExposition = route({
  method: 'GET',
  path: '/metrics',
  action: 'get-exposition',
  summary: "What is measured now of the project's VMs, and which of its alerts are firing, as Prometheus scrapes it",
  access: 'viewer',
  answers: { 200: null },
  handler: async (_, { by, at }) => {
    const all = (await Array.fromAsync(vms.allOf(by.project))).filter(({ state }) => state !== 'deleted');
    const machines = await hostsFor(by.project);
    const latest = await readLatest(sourcesAround(all, machines), CURRENT_MS, Date.parse(at));
    const shown = [
      ...all.map((vm) => ({ subject: vmSubject(vm), state: vm.state, latest: latest.get(vm.id) })),
      ...machines.map((host) => ({ subject: hostSubject(host), state: host.state, latest: latest.get(host.id) })),
    ];
    const headers = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' };
    const firing = alertsFamily(await alerts.allOf(by.project), Date.parse(at));
    return { status: 200, headers, body: exposition(shown, firing) };
  },
});
