import * as z from 'zod';
import { type Beat, Host } from './host.ts';
import { Instant } from './ids.ts';
import { Image } from './image.ts';
import { Operation } from './operation.ts';
import { Role } from './principal.ts';
import { Project, ProjectId, projectOf } from './project.ts';
import { allowedActions, Vm } from './vm.ts';

/** A VM as the API shows it: without what only the plane needs, and with the actions that are possible now. */
export const VmView = Vm.omit({ spec: true, version: true })
  .extend({ project: ProjectId, actions: z.array(z.string()) })
  .meta({ id: 'Vm' });
export type VmView = z.infer<typeof VmView>;

/** @see VmView */
export const vmView = ({ spec: _, version: __, ...vm }: Vm): VmView => ({
  ...vm,
  project: projectOf(vm),
  actions: vm.lock ? [] : allowedActions(vm).map((kind) => kind.replace(/-vm$/, '')),
});

/** An operation as the API shows it. `version` rises with every change, for clients that wait for one. */
export const OperationView = Operation.omit({
  requestHash: true,
  wait: true,
  attempt: true,
  executionArn: true,
  before: true,
})
  .extend({ project: ProjectId })
  .meta({ id: 'Operation' });
export type OperationView = z.infer<typeof OperationView>;

/** @see OperationView */
export const operationView = (operation: Operation): OperationView => {
  const { requestHash: _, wait: __, attempt: ___, executionArn: ____, before: _____, ...shown } = operation;
  return { ...shown, project: projectOf(operation) };
};

/** A host as the API shows it. */
export const HostView = Host.omit({ version: true, beatSeq: true, identity: true }).meta({ id: 'Host' });
export type HostView = z.infer<typeof HostView>;

/** @see HostView */
export const hostView = ({ version: _, beatSeq: __, identity: ___, ...host }: Host, beat?: Beat): HostView => ({
  ...host,
  ...(beat ? { beatAt: beat.at } : {}),
});

/** An image as the API shows it. */
export const ImageView = Image.omit({ version: true }).meta({ id: 'Image' });
export type ImageView = z.infer<typeof ImageView>;

/** @see ImageView */
export const imageView = ({ version: _, ...image }: Image): ImageView => image;

/** A token as the API shows it: never its text, but in the one answer that made it. */
export const TokenView = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    role: Role,
    /** The one project that it is good for. */
    project: ProjectId,
    /** Whether it administers the installation, too. */
    system: z.boolean(),
    by: z.string(),
    createdAt: Instant,
    expiresAt: Instant,
    revokedAt: Instant.optional(),
  })
  .meta({ id: 'Token' });
export type TokenView = z.infer<typeof TokenView>;

/** A project as the API shows it. */
export const ProjectView = Project.omit({
  live: true,
  version: true,
  deletedAt: true,
  erasure: true,
  erasedAt: true,
}).meta({ id: 'Project' });
export type ProjectView = z.infer<typeof ProjectView>;

/** @see ProjectView */
export const projectView = ({
  live: _,
  version: __,
  deletedAt: ___,
  erasure: ____,
  erasedAt: _____,
  ...shown
}: Project): ProjectView => shown;
