import type { Fields } from './filter.ts';
import type { Vm } from './vm.ts';

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
