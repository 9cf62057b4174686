import * as z from 'zod';
import { Host } from './host.ts';
import { Instant } from './ids.ts';
import { Image } from './image.ts';
import { Operation } from './operation.ts';
import { Role } from './principal.ts';
import { allowedActions, Vm } from './vm.ts';

/** A VM as the API shows it: without what only the plane needs, and with the actions that are possible now. */
export const VmView = Vm.omit({ spec: true, version: true })
  .extend({ actions: z.array(z.string()) })
  .meta({ id: 'Vm' });
export type VmView = z.infer<typeof VmView>;

/** @see VmView */
export const vmView = ({ spec: _, version: __, ...vm }: Vm): VmView => ({
  ...vm,
  actions: vm.lock ? [] : allowedActions(vm).map((kind) => kind.replace(/-vm$/, '')),
});

/** An operation as the API shows it. `version` rises with every change, for clients that wait for one. */
export const OperationView = Operation.omit({
  requestHash: true,
  wait: true,
  attempt: true,
  executionArn: true,
  before: true,
}).meta({ id: 'Operation' });
export type OperationView = z.infer<typeof OperationView>;

/** @see OperationView */
export const operationView = (operation: Operation): OperationView => {
  const { requestHash: _, wait: __, attempt: ___, executionArn: ____, before: _____, ...shown } = operation;
  return shown;
};

/** A host as the API shows it. */
export const HostView = Host.omit({ version: true, beatSeq: true }).meta({ id: 'Host' });
export type HostView = z.infer<typeof HostView>;

/** @see HostView */
export const hostView = ({ version: _, beatSeq: __, ...host }: Host): HostView => host;

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
    by: z.string(),
    createdAt: Instant,
    expiresAt: Instant,
    revokedAt: Instant.optional(),
  })
  .meta({ id: 'Token' });
export type TokenView = z.infer<typeof TokenView>;

/** One page of a list; `cursor` is there while more may follow. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.strictObject({ items: z.array(item), cursor: z.string().optional() });
