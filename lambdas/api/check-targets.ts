import { Fault, type FieldError } from '../domain/faults.ts';
import { type Fields, parseFilter } from '../domain/filter.ts';
import type { Vm } from '../domain/vm.ts';
import * as vms from '../store/vms.ts';

/** What no schema can say of VMs that are named one by one or by a filter; each refusal names its place. */

export const refused = (pointer: string, detail: string): Fault =>
  new Fault('InvalidRequest', `${pointer}: ${detail}.`, { errors: [{ pointer, detail }] });

/** That a filter can be read and asks for something. @throws InvalidFilter, InvalidRequest */
export const assertFilter = (filter: string, fields: Fields<Vm>, place: string): void => {
  if (parseFilter(filter, fields).length > 0) return;
  throw refused(`${place}/filter`, 'has no term, and would be every VM; say which, e.g. tag:schedule=office');
};

/** That these VMs are there, and the project's. @throws InvalidRequest naming each that is not */
export const assertVms = async (ids: readonly string[], project: string, place: string): Promise<void> => {
  const known = new Set((await vms.ownOf(project, ids)).map(({ id }) => id));
  const errors: FieldError[] = ids.flatMap((id, index) =>
    known.has(id) ? [] : [{ pointer: `${place}/vms/${index}`, detail: `there is no VM ${id} in ${project}` }],
  );
  if (errors[0]) throw new Fault('InvalidRequest', `${errors[0].pointer}: ${errors[0].detail}.`, { errors });
};
