import type { Host, Image, Me, Operation } from './api.ts';
import { type Explanation, explain } from './explain.ts';
import type { Plane } from './profile.ts';
import { ago } from './times.ts';

/** What `doctor` looks at, as judgements over what the plane answered; no I/O here. */

export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warning' | 'failed';
  readonly detail: string;
  /** One thing to do about it. */
  readonly fix?: string;
}

/** Below this a host takes few VMs more. */
const SCARCE_GIB = 10;
/** design.md: a host that is silent for 35 s is unreachable. */
const SILENT_SECONDS = 35;

const ok = (name: string, detail: string): Check => ({ name, status: 'ok', detail });

/** A check that failed as this error did. */
export const failedCheck = (name: string, error: unknown, plane: Plane | undefined): Check => {
  const { title, next, details }: Explanation = explain(error, plane);
  const detail = [title, ...details].join('; ');
  return { name, status: 'failed', detail, ...(next === undefined ? {} : { fix: next }) };
};

export const planeCheck = ({ url, source, token }: Plane): Check =>
  token === undefined
    ? {
        name: 'configuration',
        status: 'failed',
        detail: `${url} (${source}), without a token`,
        fix: 'novacron login, or set NOVACRON_TOKEN',
      }
    : ok('configuration', `${url} (${source})`);

export const meCheck = ({ name, role, project, system }: Me): Check =>
  role === 'viewer'
    ? {
        name: 'token',
        status: 'warning',
        detail: `${name} may only look (viewer in project ${project})`,
        fix: 'Ask an admin for a token: novacron token create --role operator',
      }
    : ok('token', `${name} is ${role} in project ${project}${system ? ', and administers the installation' : ''}`);

const silent = (host: Host, now: number): boolean =>
  host.beatAt === undefined || now - Date.parse(host.beatAt) > SILENT_SECONDS * 1000;

const stateCheck = (host: Host, now: number): Check => {
  const name = `host ${host.name}`;
  const because = host.reason === undefined ? '' : `: ${host.reason}`;
  if (host.state === 'enrolling') {
    return {
      name,
      status: 'warning',
      detail: `enrolling${because}`,
      fix: `Run the line that enrols it: novacron host enrol ${host.name}`,
    };
  }
  if (host.state === 'unreachable' && !silent(host, now)) {
    return {
      name,
      status: 'failed',
      detail: `unreachable${because}`,
      fix: `On ${host.name}: systemctl status libvirtd`,
    };
  }
  if (silent(host, now)) {
    const since = host.beatAt === undefined ? 'never heard of' : `silent for ${ago(host.beatAt, now)}`;
    const fix = `On ${host.name}: systemctl status amazon-ssm-agent novacron-host; it must reach AWS on port 443`;
    return { name, status: 'failed', detail: `${host.state}, ${since}${because}`, fix };
  }
  if (!host.active)
    return { name, status: 'warning', detail: `${host.state}, inactive`, fix: `novacron host activate ${host.name}` };
  return ok(name, `${host.state}, last beat ${ago(host.beatAt, now)} ago`);
};

const spaceCheck = (host: Host): Check[] => {
  if (host.facts === undefined) return [];
  const { freeGiB, sizeGiB, path } = host.facts.pool;
  const name = `host ${host.name}: space`;
  const detail = `${Math.floor(freeGiB)} of ${Math.floor(sizeGiB)} GiB free in ${path}`;
  return [
    freeGiB < SCARCE_GIB
      ? { name, status: 'warning', detail, fix: 'Make the pool larger, or delete VMs with --purge' }
      : ok(name, detail),
  ];
};

/** Told here only where the enrolment did not. */
const accelCheck = (host: Host): Check[] => {
  if (host.facts === undefined || host.facts.checks.some(({ name }) => name === 'acceleration')) return [];
  const { accel, accelReason } = host.facts;
  const name = `host ${host.name}: acceleration`;
  const detail = `${accel}${accelReason === undefined ? '' : ` (${accelReason})`}`;
  if (accel === 'kvm') return [ok(name, detail)];
  const fix = 'Switch on virtualization in the firmware (or nested virtualization below), then enrol again';
  return [{ name, status: accel === 'none' ? 'failed' : 'warning', detail, fix }];
};

/** All checks of one host: that it answers, what its enrolment found, and what is left of its space. */
export const hostChecks = (host: Host, now: number): Check[] => [
  stateCheck(host, now),
  ...(host.facts?.checks ?? []).map((each): Check => {
    const name = `host ${host.name}: ${each.name}`;
    if (each.ok) return ok(name, each.detail);
    const status = each.required ? 'failed' : 'warning';
    return { name, status, detail: each.detail, ...(each.fix === undefined ? {} : { fix: each.fix }) };
  }),
  ...accelCheck(host),
  ...spaceCheck(host),
];

/** Without a host only EC2 is served, which may be just what is wanted. */
export const hostsCheck = (hosts: readonly Host[]): Check[] =>
  hosts.length > 0
    ? []
    : [{ name: 'hosts', status: 'warning', detail: 'none: only EC2 is served', fix: 'novacron host enrol <name>' }];

/** A host without an image can start nothing new. */
export const imagesCheck = (images: readonly Image[], hosts: readonly Host[]): Check =>
  images.length === 0 && hosts.length > 0
    ? {
        name: 'images',
        status: 'warning',
        detail: 'none is registered',
        fix: 'novacron image register --name <name> --source <URL> --sha256 <sum>',
      }
    : ok('images', images.map(({ name }) => name).join(', ') || 'none needed without hosts');

/** Operations that a person must look at. */
export const operationsCheck = (operations: readonly Operation[]): Check => {
  const stuck = operations.filter(({ state }) => state === 'needs-attention' || state === 'undo-pending');
  const [first] = stuck;
  if (first === undefined) return ok('operations', `none of the last ${operations.length} needs attention`);
  const detail = stuck.map(({ id, state }) => `${id} ${state}`).join(', ');
  return { name: 'operations', status: 'warning', detail, fix: `novacron op get ${first.id}` };
};
