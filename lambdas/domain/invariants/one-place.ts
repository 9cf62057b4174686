import { type Finding, found } from './kinds.ts';
import type { Known, Machine } from './world.ts';

/** On its way out, or gone: EC2 shows a terminated instance for an hour. */
export const isThere = ({ state }: Machine): boolean => state !== 'deleted' && state !== 'deleting';

/** I2: no VM id is carried by two machines, on whatever hosts and in whatever Regions. */
export const onePlace = ({ machinesOf }: Known): Finding[] =>
  [...machinesOf].flatMap(([vmId, all]) => {
    const machines = all.filter(isThere);
    if (machines.length < 2) return [];
    const where = machines.map(({ providerId, place, state }) => `${providerId} on ${place} (${state})`);
    return [found('VmTwice', { subject: vmId, detail: `Its id is carried by ${where.join(' and ')}.` })];
  });
