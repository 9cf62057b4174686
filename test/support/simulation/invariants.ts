import type { Host } from '../../../lambdas/domain/host.ts';
import { shareOf } from '../../../lambdas/domain/host-life.ts';
import { isOpen, type Operation } from '../../../lambdas/domain/operation.ts';
import type { Project } from '../../../lambdas/domain/project.ts';
import type { Vm } from '../../../lambdas/domain/vm.ts';
import { isAlive } from './ec2.ts';
import type { History } from './history.ts';
import type { People } from './people.ts';
import { userDataTrouble } from './user-data.ts';
import type { World } from './world.ts';

/** No operation of a world may need more calls of its steps than that, whatever happened to it. */
const MOST_ATTEMPTS = 40;

/** One thing that runs, or lies, at a provider under a VM's mark. */
interface Real {
  readonly vmId: string;
  readonly id: string;
  readonly state: string;
}

const WORDS: Readonly<Record<string, string>> = { pending: 'pending', running: 'running', stopped: 'stopped' };

/** Everything alive that carries a mark, whatever the rows say. */
export const realityOf = ({ ec2, ssm }: World): Real[] => [
  ...[...ec2.machines.values()].filter(isAlive).map((machine) => ({
    vmId: machine.tags['novacron:vm'] ?? '',
    id: machine.id,
    state: WORDS[machine.state] ?? machine.state,
  })),
  ...[...ssm.hosts.values()].flatMap((host) =>
    [...host.domains.values()].map(({ vmId, uuid, isOn }) => ({ vmId, id: uuid, state: isOn ? 'running' : 'stopped' })),
  ),
];

/** VM ids with more than one living instance or domain. */
export const doubledIn = (world: World): string[] => {
  const ids = realityOf(world).map(({ vmId }) => vmId);
  return [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))];
};

const rowsOf = <T>(world: World, entity: string): T[] =>
  // Rows are written through store/ only, so the name of an entity tells its type.
  world.tables.state.of(entity) as T[];

/**
 * EC2 may end an instance by itself; a delete that failed may have taken the VM away all the same; a create that is left to
 * a person may never have made it. Nothing else may.
 */
const isExplained = (world: World, { id, provider }: Vm): boolean =>
  (provider === 'ec2' && world.faults.fired.has('instance-dies')) ||
  hasEnded(world, id, 'delete-vm', 'failed') ||
  hasEnded(world, id, 'create-vm', 'needs-attention');

const hasEnded = (world: World, vmId: string, kind: Operation['kind'], state: Operation['state']): boolean =>
  rowsOf<Operation>(world, 'operation').some(
    (each) => each.vmId === vmId && each.kind === kind && each.state === state,
  );

const vmTrouble = (world: World): string[] => {
  const vms = new Map(rowsOf<Vm>(world, 'vm').map((vm) => [vm.id, vm]));
  const real = realityOf(world);
  const seen = new Map(real.map((each) => [each.vmId, each]));
  return [
    ...doubledIn(world).map((id) => `I2 ${id} is there twice`),
    ...real.flatMap(({ vmId, id }) => {
      const vm = vms.get(vmId);
      return vm === undefined || vm.state === 'deleted' ? [`I3 ${id} runs for ${vmId}, which is ${vm?.state}`] : [];
    }),
    ...[...vms.values()].flatMap((vm) => {
      const is = seen.get(vm.id);
      if (vm.lock) return [`I1 ${vm.id} is still held by ${vm.lock.operationId}`];
      if (vm.state === 'lost') return isExplained(world, vm) ? [] : [`I1 ${vm.id} is lost`];
      if (vm.state === 'deleted') return [];
      if (is === undefined) return [`I1 ${vm.id} is ${vm.state} and nowhere`];
      if (vm.providerId !== is.id) return [`I4 ${vm.id} is ${is.id}, its row says ${vm.providerId}`];
      return vm.state === is.state ? [] : [`I4 ${vm.id} is ${is.state}, its row says ${vm.state}`];
    }),
  ];
};

/** Files that belong to no VM: disks and seeds of a deleted one, kept things of one that is not kept. */
const fileTrouble = (world: World): string[] => {
  const vms = new Map(rowsOf<Vm>(world, 'vm').map((vm) => [vm.id, vm]));
  return [...world.ssm.hosts.values()].flatMap((host) => [
    ...[...host.files].flatMap((path) => {
      const vmId = /vm-[0-9a-z]{16}/.exec(path)?.[0] ?? '';
      const { state, retainedUntil } = vms.get(vmId) ?? {};
      // An undelete that broke off has its files half-way; the purge at the end of their time finds them by the VM's id.
      const isKept = retainedUntil !== undefined && hasEnded(world, vmId, 'undelete-vm', 'failed');
      return (state === undefined || state === 'deleted') && !isKept
        ? [`I3 ${path} lies there, its VM is ${state}`]
        : [];
    }),
    ...[...host.retained.keys()].flatMap((vmId) =>
      vms.get(vmId)?.retainedUntil === undefined && !hasEnded(world, vmId, 'delete-vm', 'failed')
        ? [`I3 things of ${vmId} are kept, its row knows nothing of it`]
        : [],
    ),
  ]);
};

const hostTrouble = (world: World): string[] =>
  rowsOf<Host>(world, 'host').flatMap(({ id, allocated }) => {
    const sum = { vcpus: 0, memoryMiB: 0, diskGiB: 0 };
    for (const vm of rowsOf<Vm>(world, 'vm').filter(({ location }) => location.hostId === id)) {
      const isThere = vm.state !== 'deleted';
      const share = shareOf(vm);
      sum.vcpus += isThere ? share.vcpus : 0;
      sum.memoryMiB += isThere ? share.memoryMiB : 0;
      sum.diskGiB += isThere || vm.retainedUntil !== undefined ? share.diskGiB : 0;
    }
    return JSON.stringify(sum) === JSON.stringify(allocated)
      ? []
      : [`I7 ${id} has promised ${JSON.stringify(allocated)}, its VMs are ${JSON.stringify(sum)}`];
  });

/** A project's count is that of the names it holds, at rest as always, and never above its bound. */
const projectTrouble = (world: World): string[] =>
  rowsOf<Project>(world, 'project').flatMap(({ id, vms, maxVms = Number.POSITIVE_INFINITY }) => {
    const held = rowsOf<{ kind: string; project?: string }>(world, 'name').filter(
      ({ project }) => project === id,
    ).length;
    const living = rowsOf<Vm>(world, 'vm').filter((vm) => vm.project === id && vm.state !== 'deleted').length;
    return vms === held && held === living && held <= maxVms
      ? []
      : [`I7 ${id} has counted ${vms} of ${maxVms} VMs; ${held} names are held, ${living} live`];
  });

const operationTrouble = (world: World, people: People): string[] => {
  const operations = new Map(rowsOf<Operation>(world, 'operation').map((operation) => [operation.id, operation]));
  const audit = [...world.tables.state.of('audit')];
  const outcomesOf = (id: string) =>
    audit.filter((row) => row.operationId === id).map(({ outcome }) => String(outcome));
  return [
    ...people.told.flatMap(({ operationId }) =>
      operationId === undefined || operations.has(operationId)
        ? []
        : [`I1 ${operationId} was promised and is not there`],
    ),
    ...[...operations.values()].flatMap((operation) => {
      const { id, state, attempt } = operation;
      const outcomes = outcomesOf(id);
      const ends = outcomes.filter((outcome) => outcome !== 'accepted' && outcome !== 'undo-pending');
      return [
        ...(isOpen(operation) ? [`I6 ${id} (${operation.kind}) is still ${state}`] : []),
        ...(ends.join() === state ? [] : [`I6 ${id} is ${state}, told: ${outcomes}`]),
        ...(attempt > MOST_ATTEMPTS ? [`I8 ${id} took ${attempt} attempts`] : []),
      ];
    }),
  ];
};

/** What only a person can mend must have been told to one. */
const alertTrouble = ({ bus, tables }: World): string[] =>
  tables.state
    .of('operation')
    .filter(({ state }) => state === 'needs-attention')
    .flatMap(({ id, error }) => {
      const isTold = bus.published.some(
        ({ type, detail }) => type === 'Operation Needs Attention' && detail.operationId === id,
      );
      return isTold && error !== undefined ? [] : [`I6 ${id} needs attention, and nobody is told`];
    });

/** What does not hold now that everything has come to rest: I1 to I8 of the reliability plan. */
export const troubleOf = (world: World, people: People, history: History): string[] => [
  ...history.broken,
  ...world.lambda.bugs,
  ...vmTrouble(world),
  ...fileTrouble(world),
  ...hostTrouble(world),
  ...projectTrouble(world),
  ...operationTrouble(world, people),
  ...alertTrouble(world),
  ...userDataTrouble(world, people),
];
