import type { Calendar, Host, Image, Operation, Schedule, SchedulePreview, Vm, Window } from '../../cli/api.ts';
import { calendarView } from '../../lambdas/domain/calendar.ts';
import { NO_HOLIDAYS } from '../../lambdas/domain/holidays.ts';
import { newId } from '../../lambdas/domain/ids.ts';
import { type MaintenanceWindow, windowView } from '../../lambdas/domain/maintenance-window.ts';
import { STEPS } from '../../lambdas/domain/operation.ts';
import { DEFAULT_PRICE_BOOK } from '../../lambdas/domain/price.ts';
import { previewOf as reckoned, type Scene } from '../../lambdas/domain/schedule-preview.ts';
import { newCalendar, newSchedule, newVm, newWindow } from '../support/api.ts';

/** Things as the API shows them, each field with a plain value until a test says otherwise. */

export const AT = '2026-11-25T14:00:00.000Z';
let count = 0;

/** A running, ready KVM VM. */
export const vm = (fields: Partial<Vm> = {}): Vm => {
  count += 1;
  return {
    id: newId('vm', count),
    name: `web-${count}`,
    project: 'default',
    provider: 'kvm',
    managed: true,
    state: 'running',
    ready: { status: 'true', reason: 'AddressKnown', message: '', at: AT },
    location: { hostId: 'h-0000000000000001', hostName: 'rack-1' },
    providerId: '7d0c3a52-0000-5000-8000-000000000001',
    size: 'small',
    vcpus: 1,
    memoryMiB: 2048,
    image: 'test',
    disks: [{ name: 'vda', sizeGiB: 10, boot: true }],
    nics: [{ mac: '52:54:00:00:00:01', network: 'default', addresses: ['192.168.122.5'] }],
    addresses: ['192.168.122.5'],
    tags: {},
    deletionProtection: false,
    actions: ['stop', 'reboot'],
    desired: 'running',
    createdAt: AT,
    changedAt: AT,
    ...fields,
  };
};

/** A schedule of office hours. */
export const schedule = (fields: Partial<Schedule> = {}): Schedule => {
  const { version: _, ranThrough: __, ...shown } = newSchedule();
  return { ...shown, nextAt: '2026-11-26T08:00:00.000Z', ...fields };
};

export const calendar = (fields: Partial<Calendar> = {}): Calendar => ({
  ...calendarView(newCalendar(), Date.parse('2026-11-26T08:00:00.000Z')),
  ...fields,
});

/** Sundays from two to four in Berlin, as it is seen on Thursday before. */
export const maintenanceWindow = (fields: Partial<Window> = {}): Window => ({
  ...windowView({ ...newWindow(), holidays: NO_HOLIDAYS }, Date.parse('2026-11-26T08:00:00.000Z')),
  ...fields,
});

/** What it will do from Friday noon in Berlin on, as the plane reckons it. */
export const previewOf = (
  schedule: Schedule,
  windows: readonly MaintenanceWindow[] = [],
  vms: Scene['vms'] = [newVm({ tags: { app: 'shop' } })],
): SchedulePreview => {
  const windowTimes = windows.map((window) => ({ ...window, holidays: NO_HOLIDAYS }));
  const row = { ...newSchedule(), ...schedule, holidays: NO_HOLIDAYS, windowTimes };
  const from = Date.parse('2026-11-27T11:00:00.000Z');
  const scene = { schedules: [row], vms, groups: [], book: DEFAULT_PRICE_BOOK };
  return reckoned(row, scene, [from, from + 4 * 86_400_000]);
};

/** A queued operation with the steps of its kind. */
export const operation = (fields: Partial<Operation> = {}): Operation => {
  const kind = fields.kind ?? 'create-vm';
  return {
    id: 'op-1',
    kind,
    state: 'queued',
    project: 'default',
    provider: 'kvm',
    steps: STEPS[kind].map((name) => ({ name, state: 'pending' })),
    by: 'token:tok-1',
    input: {},
    cancelRequested: false,
    createdAt: AT,
    version: 1,
    ...fields,
  };
};

const after = (seconds: number): string => new Date(Date.parse(AT) + seconds * 1000).toISOString();

/** Its first step runs. */
export const running = (begun: Operation): Operation => ({
  ...begun,
  state: 'running',
  startedAt: AT,
  steps: begun.steps.map((step, i) => (i === 0 ? { ...step, state: 'running', startedAt: AT } : step)),
});

/** All steps are done, two seconds each. */
export const succeeded = (begun: Operation): Operation => ({
  ...begun,
  state: 'succeeded',
  startedAt: AT,
  endedAt: after(2 * begun.steps.length),
  steps: begun.steps.map((step, i) => ({
    ...step,
    state: 'succeeded',
    startedAt: after(2 * i),
    endedAt: after(2 * i + 2),
  })),
});

/** The first step failed by this name. */
export const failed =
  (name: string, detail: string) =>
  (begun: Operation): Operation => ({
    ...begun,
    state: 'failed',
    startedAt: AT,
    endedAt: after(2),
    error: { name, detail },
    steps: begun.steps.map((step, i) =>
      i === 0 ? { ...step, state: 'failed', startedAt: AT, endedAt: after(2), detail: name } : step,
    ),
  });

/** A ready host. */
export const host = (fields: Partial<Host> = {}): Host => ({
  id: 'h-0000000000000001',
  name: 'rack-1',
  state: 'ready',
  active: true,
  nodeId: 'mi-1',
  tags: {},
  allocated: { vcpus: 1, memoryMiB: 2048, diskGiB: 10 },
  images: [],
  beatAt: new Date().toISOString(),
  createdAt: AT,
  changedAt: AT,
  ...fields,
});

/** What enrolment found on a good host. */
export const facts = (fields: Partial<NonNullable<Host['facts']>> = {}): NonNullable<Host['facts']> => ({
  libvirtVersion: '9.0.0',
  qemuVersion: '7.2.0',
  cpuModel: 'EPYC',
  cores: 8,
  memoryMiB: 65_536,
  accel: 'kvm',
  kernel: '6.1',
  pool: { path: '/var/lib/libvirt/images/novacron', sizeGiB: 200, freeGiB: 150 },
  networks: ['default'],
  machineTypes: ['q35'],
  unitVersion: '1',
  checks: [],
  ...fields,
});

export const image = (fields: Partial<Image> = {}): Image => ({
  id: 'img-0000000000000001',
  name: 'test',
  source: 'https://images.example.org/test.qcow2',
  sha256: 'a'.repeat(64),
  format: 'qcow2',
  minDiskGiB: 1,
  minMemoryMiB: 128,
  machine: 'pc',
  osVariant: 'linux2022',
  tags: {},
  createdAt: AT,
  ...fields,
});
