import * as z from 'zod';
import { GroupId, Instant, Name, VmId } from './ids.ts';
import { PlainText } from './plain-text.ts';
import { ProjectId } from './project.ts';

/** A name for some VMs of a project: those that are named, those that a filter fits, or both. Who is in it is group-members.ts. */

const FIELDS = {
  description: PlainText(500),
  vms: z.array(VmId).max(500),
  /** As lists take it, without `group`: no group is made of groups, so that none can go round. */
  filter: PlainText(4096),
};

/** What a person says of a group; one without VMs and without a filter is empty, and covers none until it has some. */
export const VmGroupSpec = z.strictObject({
  name: Name,
  description: FIELDS.description.optional(),
  vms: FIELDS.vms.default([]),
  filter: FIELDS.filter.optional(),
});
export type VmGroupSpec = z.infer<typeof VmGroupSpec>;

/** Fields of a group that are to be others; its name is what filters know it by, and stays. Null takes away what may be absent. */
export const VmGroupChange = z
  .strictObject({ ...FIELDS, description: FIELDS.description.nullable(), filter: FIELDS.filter.nullable() })
  .partial()
  .refine((change) => Object.values(change).some((value) => value !== undefined), 'nothing to change')
  .meta({ minProperties: 1 });
export type VmGroupChange = z.infer<typeof VmGroupChange>;

/** The row of a group. */
export interface VmGroup extends VmGroupSpec {
  readonly id: string;
  readonly project: string;
  readonly by: string;
  readonly createdAt: string;
  readonly version: number;
}

/** A group as the API shows it. */
export const VmGroupView = z
  .strictObject({ ...VmGroupSpec.shape, id: GroupId, project: ProjectId, by: z.string(), createdAt: Instant })
  .meta({ id: 'Group' });
export type VmGroupView = z.infer<typeof VmGroupView>;

/** @see VmGroupView */
export const vmGroupView = ({ version: _, ...shown }: VmGroup): VmGroupView => shown;

/** The group once this is changed. */
export const changedGroup = (before: VmGroup, change: VmGroupChange): VmGroup => {
  const { name, description, vms, filter, ...rest } = before;
  const said = Object.entries(change).filter(([, value]) => value !== undefined);
  const merged = Object.entries({ name, description, vms, filter, ...Object.fromEntries(said) });
  const kept = merged.filter(([, value]) => value !== undefined && value !== null);
  return { ...VmGroupSpec.parse(Object.fromEntries(kept)), ...rest };
};
