import { beforeEach, expect, it, vi } from 'vitest';
import type { Report } from '../../lambdas/domain/report.ts';
import type { Observed, OperationKind, Vm } from '../../lambdas/domain/vm.ts';
import { FakeProvider } from '../../lambdas/providers/fake.ts';
import { applyReport } from '../../lambdas/runtime/apply-report.ts';
import { handler as reclaim } from '../../lambdas/schedules/reclaim-retained.ts';
import { reconcile } from '../../lambdas/schedules/reconcile.ts';
import { handler as sweep } from '../../lambdas/schedules/sweep-operations.ts';
import * as hosts from '../../lambdas/store/hosts.ts';
import * as opens from '../../lambdas/store/opens.ts';
import * as vms from '../../lambdas/store/vms.ts';
import { insertHost, newHost, newVm } from '../support/api.ts';
import { begin } from '../support/asked.ts';
import { leaves } from '../support/audited.ts';
import { useFake } from '../support/fake-providers.ts';
import { StateTable } from '../support/state-table.ts';
import { Workflows } from '../support/workflow.ts';

vi.mock('../../lambdas/runtime/providers.ts', () => import('../support/fake-providers.ts'));
vi.mock('../../lambdas/providers/ec2/list.ts', () => ({ listInstances: () => seenOfEc2() }));

let table: StateTable;
let workflows: Workflows;
let fake: FakeProvider;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-25T10:00:00.000Z') });
  table = new StateTable();
  workflows = new Workflows();
  fake = useFake(new FakeProvider());
  await insertHost(newHost());
});

const minutes = (count: number) => vi.advanceTimersByTime(count * 60_000);

/** Ten of each story, every second on a host. */
const VMS_A_STORY = 10;

/** What happens to a VM: before the moment that the table is restored to, begun before it and ended after it, after it. */
interface Story {
  readonly title: string;
  readonly before?: readonly OperationKind[];
  readonly meanwhile?: OperationKind;
  readonly after?: readonly OperationKind[];
}

const STORIES: readonly Story[] = [
  { title: 'nothing happens', before: ['create-vm'] },
  { title: 'created afterwards', after: ['create-vm'] },
  { title: 'created meanwhile', meanwhile: 'create-vm' },
  { title: 'deleted afterwards', before: ['create-vm'], after: ['delete-vm'] },
  { title: 'deleted meanwhile', before: ['create-vm'], meanwhile: 'delete-vm' },
  { title: 'undeleted afterwards', before: ['create-vm', 'delete-vm'], after: ['undelete-vm'] },
  { title: 'undeleted meanwhile', before: ['create-vm', 'delete-vm'], meanwhile: 'undelete-vm' },
  { title: 'stopped afterwards', before: ['create-vm'], after: ['stop-vm'] },
  { title: 'stopped meanwhile', before: ['create-vm'], meanwhile: 'stop-vm' },
  { title: 'started afterwards', before: ['create-vm', 'stop-vm'], after: ['start-vm'] },
];

/** One VM, and its story. */
interface Case {
  readonly story: Story;
  readonly vm: Vm;
}

const CASES: readonly Case[] = STORIES.flatMap((story, row) =>
  Array.from({ length: VMS_A_STORY }, (_, column) => {
    const id = `vm-00000000000${String(row).padStart(2, '0')}0${String(column).padStart(2, '0')}`;
    const place = column % 2 === 0 ? {} : ({ provider: 'ec2', location: { region: 'eu-central-1' } } as const);
    return { story, vm: newVm({ id, name: `web-${row}-${column}`, state: 'pending', ...place }) };
  }),
);

const seen = async (provider: Vm['provider']): Promise<Observed[]> => {
  const looks = await Promise.all(
    CASES.filter(({ vm }) => vm.provider === provider).map(({ vm }) => fake.describe(vm)),
  );
  return looks.flatMap((look) => look ?? []);
};

async function* seenOfEc2() {
  yield* await seen('ec2');
}

const begun = async (kind: OperationKind, { vm }: Case) => {
  await begin(kind, kind === 'create-vm' ? vm : await vms.get(vm.id));
  const execution = workflows.started.at(-1);
  if (execution === undefined) throw new Error('nothing was started');
  return execution;
};

const operate = async (kind: OperationKind, each: Case): Promise<void> => {
  await workflows.run(await begun(kind, each));
};

const domainOf = (look: Observed) => ({
  uuid: look.providerId,
  name: look.name,
  state: look.state as 'running',
  reason: 'booted',
  vcpus: look.vcpus,
  memoryMiB: look.memoryMiB,
  ...(look.vmId === undefined ? {} : { vmId: look.vmId }),
  installation: 'unit',
  ...(look.operationId === undefined ? {} : { operationId: look.operationId }),
  addresses: [],
  disks: [],
  nics: [],
});

let seq = 0;
const hostReports = async (): Promise<void> => {
  seq += 1;
  const at = new Date().toISOString();
  const inventory = (await seen('kvm')).map(domainOf);
  const report: Report = { unitVersion: '1', seq, sentAt: at, events: [], inventory };
  await applyReport(await hosts.withBeat(newHost().id), report, at);
};

/** A table as it was ten minutes ago, beside a world that went on. */
const restoreTable = async (): Promise<void> => {
  for (const each of CASES) for (const kind of each.story.before ?? []) await operate(kind, each);
  minutes(10);
  const open = [];
  for (const each of CASES) if (each.story.meanwhile) open.push(await begun(each.story.meanwhile, each));
  const kept = structuredClone(table.rows);
  for (const execution of open) await workflows.run(execution);
  for (const each of CASES) for (const kind of each.story.after ?? []) await operate(kind, each);
  minutes(10);
  table.rows.clear();
  for (const [key, row] of kept) table.rows.set(key, row);
};

/** What the plane does by itself in the minutes after. */
const minutesPass = async (): Promise<void> => {
  for (let minute = 0; minute < 12; minute += 1) {
    minutes(1);
    await sweep();
    await hostReports();
    if (minute % 5 === 0) await reconcile();
  }
};

/** The VMs whose kept disks the plane takes away, eight days later. */
const reclaimed = async (): Promise<string[]> => {
  minutes(8 * 24 * 60);
  await hostReports();
  await reclaim();
  return (await Array.fromAsync(opens.all())).map(({ vmId = '' }) => vmId).sort();
};

const DESTROYING = ['remove', 'undoCreate', 'stop', 'reset', 'reboot'];

it('a table restored to ten minutes ago adopts what is so, and takes nothing away: 100 VMs', async () => {
  // What was deleted in those ten minutes is not there, and its old row says that it was.
  leaves('VmLost');
  await restoreTable();
  const world = new Map((await seen('ec2')).concat(await seen('kvm')).map((look) => [look.vmId, look.state]));
  fake.calls.length = 0;
  await minutesPass();
  expect(fake.calls.filter(({ method }) => DESTROYING.includes(method))).toEqual([]);
  expect(workflows.started.filter(({ machine }) => machine === 'undo-operation')).toEqual([]);
  for (const { story, vm } of CASES) {
    const row = await vms.find(vm.id);
    const there = world.get(vm.id);
    const told = there ?? (story.meanwhile === 'delete-vm' ? 'deleted' : 'lost');
    expect(row?.state, `${story.title} ${vm.provider}`).toBe(told);
    expect(row?.lock, story.title).toBeUndefined();
  }
  expect(world.size).toBe(80);
  const gone = CASES.filter(({ story }) => story.meanwhile === 'delete-vm');
  expect(await reclaimed()).toEqual(gone.map(({ vm }) => vm.id));
});
