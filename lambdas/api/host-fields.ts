import * as z from 'zod';
import type { Fields } from '../domain/filter.ts';
import type { Host } from '../domain/host.ts';
import { HostId } from '../domain/ids.ts';

/** Path of a host. */
export const HostPath = z.strictObject({ id: HostId });

/** What hosts are filtered by. */
export const HOST_FIELDS: Fields<Host> = {
  plain: {
    id: ({ id }) => id,
    name: ({ name }) => name,
    state: ({ state }) => state,
    active: ({ active }) => String(active),
    accel: ({ facts }) => facts?.accel,
    nodeId: ({ nodeId }) => nodeId,
  },
  tags: ({ tags }) => tags,
};
