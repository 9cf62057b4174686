import { etagOf, matches } from '../domain/asked.ts';
import { Fault } from '../domain/faults.ts';
import { type VmGroup, vmGroupView } from '../domain/vm-group.ts';
import type { Call, Reply } from './route.ts';

/** @throws PreconditionFailed */
export const assertUnchanged = (group: VmGroup, { ifMatch }: Call): void => {
  if (matches(ifMatch, group)) return;
  throw new Fault('PreconditionFailed', `${group.name} is ${etagOf(group)} now, not ${ifMatch}.`);
};

/** 200 with the group as it is now. */
export const answered = (group: VmGroup): Reply => ({
  status: 200,
  headers: { etag: etagOf(group) },
  body: vmGroupView(group),
});
