import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { ROUTES } from '../../lambdas/api/routes.ts';
import { serve } from '../../lambdas/api/stack.ts';
import type { Calendar } from '../../lambdas/domain/calendar.ts';
import type { Host } from '../../lambdas/domain/host.ts';
import type { Image } from '../../lambdas/domain/image.ts';
import type { MaintenanceWindow } from '../../lambdas/domain/maintenance-window.ts';
import type { Role } from '../../lambdas/domain/principal.ts';
import { type Project, projectOf } from '../../lambdas/domain/project.ts';
import type { Rule } from '../../lambdas/domain/rules/rule.ts';
import type { Schedule } from '../../lambdas/domain/schedule.ts';
import type { Vm } from '../../lambdas/domain/vm.ts';
import type { VmGroup } from '../../lambdas/domain/vm-group.ts';
import * as calendars from '../../lambdas/store/calendars.ts';
import * as groups from '../../lambdas/store/groups.ts';
import * as hosts from '../../lambdas/store/hosts.ts';
import * as images from '../../lambdas/store/images.ts';
import * as names from '../../lambdas/store/names.ts';
import * as projects from '../../lambdas/store/projects.ts';
import * as rules from '../../lambdas/store/rules.ts';
import * as schedules from '../../lambdas/store/schedules.ts';
import * as table from '../../lambdas/store/table.ts';
import * as tokens from '../../lambdas/store/tokens.ts';
import * as vms from '../../lambdas/store/vms.ts';
import * as windows from '../../lambdas/store/windows.ts';

export const AT = '2026-11-25T10:00:00.000Z';

/** The whole table behind one handler, as its functions together. */
const handler = serve(ROUTES);

export interface Sent {
  readonly token?: string;
  readonly body?: unknown;
  /** Sent as it is, in place of `body`. */
  readonly text?: string;
  readonly headers?: Record<string, string>;
  readonly iam?: string;
  /** The source address, as API Gateway tells it. */
  readonly from?: string;
}

interface Item {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly actions: readonly string[];
}

/** The fields of answers that tests look at. No answer has them all: one that is missing fails the test that looks at it. */
export interface Answer extends Item {
  readonly vmId: string;
  readonly kind: string;
  readonly code: string;
  readonly detail: string;
  readonly token: string;
  readonly command: string;
  readonly steps: readonly unknown[];
  readonly errors: readonly { readonly pointer: string }[];
  readonly items: readonly Item[];
  readonly host: Item;
  readonly operation: Item;
  readonly activation: object;
  readonly cursor: string;
  readonly days: readonly { readonly date: string; readonly name: string }[];
  readonly feedState: object;
  /** Of a rule's try. */
  readonly changes: readonly object[];
  /** Openings of a window. */
  readonly next: readonly { readonly from: string; readonly until: string }[];
  /** Of a schedule's preview. */
  readonly times: readonly { readonly at: string; readonly because: string }[];
  readonly closed: readonly object[];
  readonly hoursUp: number;
  readonly nextAt: string;
  /** Coming openings of the windows that are about a VM. */
  readonly windows: readonly { readonly from: string; readonly window: { readonly name: string } }[];
}

export interface Got {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Answer;
}

/** A request as API Gateway hands it to a function. */
export const eventOf = (
  line: string,
  { token, body, text, headers = {}, iam, from = '192.0.2.7' }: Sent = {},
): APIGatewayProxyEventV2 => {
  const [method = 'GET', target = '/'] = line.split(' ');
  const at = target.indexOf('?');
  const sent = text ?? (body === undefined ? undefined : JSON.stringify(body));
  const event = {
    version: '2.0',
    routeKey: '$default',
    rawPath: at < 0 ? target : target.slice(0, at),
    rawQueryString: at < 0 ? '' : target.slice(at + 1),
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    requestContext: {
      requestId: 'request-1',
      http: { method, path: target, protocol: 'HTTP/1.1', sourceIp: from, userAgent: 'test' },
      ...(iam === undefined ? {} : { authorizer: { iam: { userArn: iam } } }),
    },
    isBase64Encoded: false,
    ...(sent === undefined ? {} : { body: sent }),
  };
  // Only what the functions read is there.
  return event as unknown as APIGatewayProxyEventV2;
};

/** Sends a request such as `GET /v1/vms?limit=1` through the exported stack. */
export const call = async (line: string, sent: Sent = {}): Promise<Got> => {
  // No remaining time: middy would set a timer of the machine for it, which would wake a request that died in another test's world.
  const context = { awsRequestId: 'lambda-1', functionName: 'api' };
  const answer = await handler(eventOf(line, sent), context as unknown as Context);
  const headers = Object.fromEntries(
    Object.entries(answer.headers ?? {}).map(([name, value]) => [name, String(value)]),
  );
  const json = /json/.test(headers['content-type'] ?? '') && answer.body;
  return { status: answer.statusCode ?? 0, headers, body: json ? JSON.parse(answer.body ?? '') : answer.body };
};

/** A token with this role. */
export const signIn = async (role: Role, more: Partial<tokens.Token> = {}): Promise<string> => {
  const text = tokens.mint();
  await table.transact([
    tokens.inserting({
      id: `tok-${'0'.repeat(12)}${{ viewer: '1111', operator: '2222', admin: '3333', host: '4444' }[role]}`,
      name: role,
      role,
      hash: tokens.hashOf(text),
      by: 'test',
      createdAt: AT,
      expiresAt: '2099-01-01T00:00:00.000Z',
      version: 1,
      ...more,
    }),
  ]);
  return text;
};

export const newImage = (more: Partial<Image> = {}): Image => ({
  id: 'img-0000000000000001',
  name: 'test',
  source: '/var/lib/images/test.qcow2',
  sha256: 'a'.repeat(64),
  format: 'qcow2',
  minDiskGiB: 0.0625,
  minMemoryMiB: 64,
  machine: 'q35',
  osVariant: 'generic',
  tags: {},
  createdAt: AT,
  version: 1,
  ...more,
});

export const newHost = (more: Partial<Host> = {}): Host => ({
  id: 'h-0000000000000001',
  name: 'host-1',
  state: 'ready',
  active: true,
  nodeId: 'mi-00000000000000001',
  facts: {
    libvirtVersion: '9.0.0',
    qemuVersion: '7.2.0',
    cpuModel: 'EPYC',
    cores: 8,
    memoryMiB: 65_536,
    accel: 'kvm',
    kernel: '6.1',
    pool: { path: '/var/lib/libvirt/images', sizeGiB: 500, freeGiB: 400 },
    networks: ['default'],
    machineTypes: ['q35', 'pc'],
    unitVersion: '1',
    checks: [],
  },
  tags: {},
  allocated: { vcpus: 0, memoryMiB: 0, diskGiB: 0 },
  images: [],
  beatSeq: 0,
  createdAt: AT,
  changedAt: AT,
  version: 1,
  ...more,
});

const ROOM = 1_000_000_000;

/** A host on which there is always room. */
export const roomyHost = (more: Partial<Host> = {}): Host => {
  const host = newHost(more);
  const { facts } = host;
  if (facts === undefined) throw new Error('the sample host has facts');
  const pool = { ...facts.pool, sizeGiB: ROOM, freeGiB: ROOM };
  return { ...host, facts: { ...facts, cores: ROOM, memoryMiB: ROOM, pool } };
};

export const newSchedule = (more: Partial<Schedule> = {}): Schedule => ({
  id: 'sch-0000000000000001',
  name: 'office',
  project: 'default',
  targets: { filter: 'tag:app=shop' },
  timeZone: 'Europe/Berlin',
  periods: [{ weekdays: ['mon', 'tue', 'wed', 'thu', 'fri'], start: '09:00', stop: '18:00' }],
  closures: [],
  missed: 'late',
  priority: 0,
  graceMinutes: 10,
  enabled: true,
  overrides: [],
  ranThrough: AT,
  by: 'oidc:anna',
  createdAt: AT,
  version: 1,
  ...more,
});

export const newVm = (more: Partial<Vm> = {}): Vm => ({
  id: 'vm-0000000000000001',
  name: 'web-1',
  provider: 'kvm',
  managed: true,
  state: 'running',
  desired: 'running',
  ready: { status: 'true', reason: 'AgentAnswers', message: 'ok', at: AT },
  location: { hostId: 'h-0000000000000001', hostName: 'host-1' },
  vcpus: 1,
  memoryMiB: 1024,
  disks: [{ name: 'vda', sizeGiB: 8, boot: true }],
  nics: [],
  addresses: [],
  tags: {},
  deletionProtection: false,
  createdAt: AT,
  changedAt: AT,
  version: 1,
  ...more,
});

/** One on EC2. */
export const newCloudVm = (): Vm =>
  newVm({
    id: 'vm-0000000000000003',
    name: 'cloud-1',
    provider: 'ec2',
    providerId: 'i-3',
    instanceType: 't3.small',
    location: { account: '123456789012', region: 'eu-central-1' },
  });

export const insertVm = async (vm: Vm): Promise<Vm> => {
  // One that was asked for holds its name; one that was only found has none to hold.
  const isNamed = vm.spec && vm.state !== 'deleted';
  const name = isNamed ? [names.taking('vm', vm), ...projects.counting(projectOf(vm), 1)] : [];
  await table.transact([table.putNew(vms.entity, vm), ...name]);
  return vm;
};
export const insertProject = (more: Pick<Project, 'id'> & Partial<Project>): Promise<void> =>
  table.save(projects.inserting({ by: 'test', createdAt: AT, live: true, vms: 0, version: 1, ...more }));
export const insertHost = (host: Host): Promise<void> => table.save(table.putNew(hosts.entity, host));
export const newCalendar = (more: Partial<Calendar> = {}): Calendar => ({
  id: 'cal-0000000000000001',
  project: 'default',
  name: 'works-holidays',
  dates: [{ from: '2026-12-24', to: '2027-01-01', note: 'works holidays' }],
  open: [],
  by: 'test',
  createdAt: AT,
  version: 1,
  ...more,
});

export const newGroup = (more: Partial<VmGroup> = {}): VmGroup => ({
  id: 'grp-0000000000000001',
  project: 'default',
  name: 'shop',
  vms: [],
  filter: 'tag:app=shop',
  by: 'test',
  createdAt: AT,
  version: 1,
  ...more,
});

/** Sundays from two to four in Berlin. */
export const newWindow = (more: Partial<MaintenanceWindow> = {}): MaintenanceWindow => ({
  id: 'win-0000000000000001',
  project: 'default',
  name: 'patching',
  targets: { filter: 'tag:app=shop' },
  timeZone: 'Europe/Berlin',
  periods: [{ weekdays: ['sun'], start: '02:00', stop: '04:00' }],
  closures: [],
  by: 'test',
  createdAt: AT,
  version: 1,
  ...more,
});

/** A VM's CPUs are in use. */
export const newRule = (more: Partial<Rule> = {}): Rule => ({
  id: 'rul-0000000000000001',
  project: 'default',
  name: 'hot',
  enabled: true,
  when: { metric: 'vm.cpu.utilization', stat: 'last', op: '>', value: 0.9 },
  for: '10m',
  matchers: [],
  labels: { severity: 'warning' },
  annotations: {},
  by: 'test',
  createdAt: AT,
  version: 1,
  ...more,
});

export const insertRule = (rule: Rule): Promise<void> => table.save(table.putNew(rules.entity, rule));
export const insertWindow = (window: MaintenanceWindow): Promise<void> => table.transact(windows.inserting(window));
export const insertGroup = (group: VmGroup): Promise<void> => table.transact(groups.inserting(group));
export const insertCalendar = (calendar: Calendar): Promise<void> => table.transact(calendars.inserting(calendar));

export const insertSchedule = (schedule: Schedule): Promise<void> => table.transact(schedules.inserting(schedule));
export const insertImage = (image: Image): Promise<void> => table.transact(images.inserting(image));
