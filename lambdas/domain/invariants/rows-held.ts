import { DEFAULT_PROJECT } from '../ids.ts';
import { projectOf } from '../project.ts';
import type { Vm } from '../vm.ts';
import { type Finding, found } from './kinds.ts';
import { isLive, type Known, type NameRow } from './world.ts';

/** A name, within its project, with who bears it. */
const keyOfName = (row: NameRow): string => `${row.kind} ${projectOf(row)} ${row.name} ${row.holder}`;

const holdersOf = ({ vms, hosts, images, schedules, calendars, groups, windows }: Known): ReadonlySet<string> =>
  new Set([
    ...vms
      .filter((vm) => vm.managed && (isLive(vm) || vm.lock !== undefined))
      .map((vm) => `vm ${projectOf(vm)} ${vm.name} ${vm.id}`),
    ...hosts.map(({ id, name }) => `host ${DEFAULT_PROJECT} ${name} ${id}`),
    ...images.map(({ id, name }) => `image ${DEFAULT_PROJECT} ${name} ${id}`),
    ...schedules.map(({ id, name, project }) => `schedule ${project} ${name} ${id}`),
    ...calendars.map(({ id, name, project }) => `calendar ${project} ${name} ${id}`),
    ...groups.map(({ id, name, project }) => `group ${project} ${name} ${id}`),
    ...windows.map(({ id, name, project }) => `window ${project} ${name} ${id}`),
  ]);

const names = (world: Known): Finding[] => {
  const holders = holdersOf(world);
  const held = new Set(world.names.map(keyOfName));
  const left = world.names.filter((row) => !holders.has(keyOfName(row)));
  const free = world.vms.filter(
    (vm) =>
      vm.managed &&
      isLive(vm) &&
      vm.lock === undefined &&
      vm.spec &&
      !held.has(`vm ${projectOf(vm)} ${vm.name} ${vm.id}`),
  );
  return [
    ...left.map(({ kind, name, holder }) =>
      found('NameWithoutHolder', {
        subject: `${kind} ${name}`,
        detail: `The name is held by ${holder}, which is not there or has another.`,
      }),
    ),
    ...free.map(({ id, name }) =>
      found('NameNotHeld', { subject: id, detail: `No row keeps the name ${name} for it.` }),
    ),
  ];
};

/** Whether a disk of the VM stands on its image: also while it is only kept. */
const stands = (vm: Vm | undefined): boolean =>
  vm !== undefined && (isLive(vm) || vm.lock !== undefined || vm.retainedUntil !== undefined);

const clones = ({ at, vms, vm, clones: rows }: Known): Finding[] => {
  const held = new Set(rows.map(({ imageId, vmId }) => `${imageId} ${vmId}`));
  const left = rows.filter(({ vmId, until }) => !stands(vm.get(vmId)) && (until === undefined || until > at));
  const free = vms.filter(
    (each) => each.managed && isLive(each) && each.spec?.imageId && !held.has(`${each.spec.imageId} ${each.id}`),
  );
  return [
    ...left.map(({ imageId, vmId }) =>
      found('CloneWithoutVm', {
        subject: vmId,
        place: imageId,
        detail: `${imageId} is kept for a VM that is not there.`,
      }),
    ),
    ...free.map(({ id, name, spec }) =>
      found('CloneNotHeld', {
        subject: id,
        place: spec?.imageId,
        detail: `${name} stands on ${spec?.imageId}, and no row says so.`,
      }),
    ),
  ];
};

/** I3, of rows about rows: names and clones are held by who is there, and whoever is there holds them. */
export const rowsHeld = (world: Known): Finding[] => [...names(world), ...clones(world)];
