import * as z from 'zod';
import { assertUnchanged, etagOf } from '../domain/asked.ts';
import { Fault } from '../domain/faults.ts';
import { VmView, vmView } from '../domain/view.ts';
import { Tags, type Vm, VmName } from '../domain/vm.ts';
import * as names from '../store/names.ts';
import * as table from '../store/table.ts';
import * as vms from '../store/vms.ts';
import { audited } from './audited.ts';
import { vmOf } from './gate.ts';
import { type Call, route } from './route.ts';
import { VmPath } from './vm-path.ts';

const PatchVm = z
  .strictObject({
    name: VmName.optional(),
    /** All of them: a tag that is left out is taken off. */
    tags: Tags.optional(),
    deletionProtection: z.boolean().optional(),
  })
  .refine((patch) => Object.values(patch).some((value) => value !== undefined), 'nothing to change')
  .meta({ minProperties: 1 });
type PatchVm = z.output<typeof PatchVm>;

const assertMayPatch = (vm: Vm, call: Pick<Call, 'ifMatch'>): void => {
  if (!vm.managed) throw new Fault('VmNotManaged', `${vm.name} was not made by NovaCron: it is shown, never changed.`);
  if (vm.state === 'deleted') throw new Fault('InvalidTransition', `${vm.name} is deleted; undelete it first.`);
  assertUnchanged(vm, call);
};

const shown = ({ name, tags, deletionProtection }: Vm) => ({ name, tags, deletionProtection });

const patched = (vm: Vm, { name, tags, deletionProtection }: PatchVm): Vm => ({
  ...vm,
  name: name ?? vm.name,
  tags: tags ?? vm.tags,
  deletionProtection: deletionProtection ?? vm.deletionProtection,
});

/** A deleted VM whose kept disks are on their way out, or could not be removed, has given its name back: it takes no other. */
const refuseNameless = async (vm: Vm): Promise<never> => {
  if ((await vms.get(vm.id)).version !== vm.version)
    throw new Fault('WriteConflict', `${vm.name} was changed meanwhile.`);
  throw new Fault('InvalidTransition', `${vm.name} was deleted and is ${vm.state}: it has no name to change.`);
};

const renaming = async (before: Vm, after: Vm): Promise<table.Write[]> => {
  if (before.name === after.name) return [];
  const freed = await names.freeing('vm', before);
  return freed.length > 0 ? [names.taking('vm', after), ...freed] : refuseNameless(before);
};

/** A look at the provider may write the row at the same moment; without If-Match we read again. */
const TRIES = 4;

const patch = async (id: string, change: PatchVm, call: Call, tries = TRIES): Promise<Vm> => {
  const before = await vmOf(call.by, id);
  assertMayPatch(before, call);
  const after = table.next(patched(before, change));
  const told = audited(call, { subject: id, before: shown(before), after: shown(after) });
  try {
    await table.transact([table.swapping(vms.entity, after), ...(await renaming(before, after)), ...told]);
    return after;
  } catch (error) {
    if (!(error instanceof Fault && error.name === 'WriteConflict') || tries <= 1) throw error;
    return patch(id, change, call, tries - 1);
  }
};

/** PATCH /v1/vms/{id} */
export const patchVm = route({
  method: 'PATCH',
  path: '/v1/vms/{id}',
  action: 'patch-vm',
  summary:
    "Change name, tags or deletion protection of a VM, in the plane alone: EC2's tags and libvirt's title stay as made",
  access: 'operator',
  params: VmPath,
  body: PatchVm,
  answers: { 200: VmView },
  handler: async ({ params, body }, call) => {
    const vm = await patch(params.id, body, call);
    return { status: 200, headers: { etag: etagOf(vm) }, body: vmView(vm) };
  },
});
