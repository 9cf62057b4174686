import * as z from 'zod';
import type { Fields } from '../domain/filter.ts';
import { VmId } from '../domain/ids.ts';
import type { Vm } from '../domain/vm.ts';

/** Path of a VM. */
export const VmPath = z.strictObject({ id: VmId });

/** What VMs are filtered by. */
export const VM_FIELDS: Fields<Vm> = {
  plain: {
    id: ({ id }) => id,
    name: ({ name }) => name,
    provider: ({ provider }) => provider,
    state: ({ state }) => state,
    ready: ({ ready }) => ready.status,
    managed: ({ managed }) => (managed ? ['true', 'yes'] : ['false', 'no']),
    host: ({ location }) => [location.hostId ?? [], location.hostName ?? []].flat(),
    region: ({ location }) => location.region,
    zone: ({ location }) => location.zone,
    account: ({ location }) => location.account,
    size: ({ size }) => size,
    type: ({ instanceType }) => instanceType,
    image: ({ image }) => image,
    address: ({ addresses }) => addresses,
    providerId: ({ providerId }) => providerId,
  },
  tags: ({ tags }) => tags,
};
