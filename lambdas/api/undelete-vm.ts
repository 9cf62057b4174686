import * as z from 'zod';
import { Fault } from '../domain/faults.ts';
import { placeBack } from './choose-place.ts';
import { vmAction } from './vm-action.ts';

/** POST /v1/vms/{id}/actions/undelete */
export const undeleteVm = vmAction('undelete', {
  summary: 'Bring back a deleted VM whose disks are kept; it ends stopped',
  body: z.strictObject({}).prefault({}),
  /** Back on its own host, whose room it takes again. */
  prepare: async (vm) => {
    if (vm.provider === 'ec2') throw new Fault('CapabilityMissing', `EC2 has terminated ${vm.name} for good.`);
    const host = await placeBack(vm);
    return host ? { host } : {};
  },
});
