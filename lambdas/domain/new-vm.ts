import type { CreateVm } from './create-vm.ts';
import { Fault } from './faults.ts';
import type { Image } from './image.ts';
import { type EnabledPlaces, ec2Location } from './location.ts';
import { type Size, shapeOfType, sizeOf } from './size.ts';
import type { Location, Vm, VmSpec } from './vm.ts';

/** What a VM has where its request says nothing: the smallest size that boots a common distribution. */
const DEFAULT_SIZE = 'micro';

/** Who makes the VM, when, in which project, and where its user-data lies. */
export interface Making {
  readonly id: string;
  readonly project: string;
  readonly by: string;
  /** Instant. */
  readonly at: string;
  readonly userDataKey?: string;
}

const sizeFor = ({ size, vcpus, type }: CreateVm): Size | undefined =>
  vcpus === undefined && type === undefined ? sizeOf(size ?? DEFAULT_SIZE) : undefined;

const specOf = (body: CreateVm, { userDataKey }: Making): VmSpec => ({
  image: body.image,
  ...(body.diskGiB === undefined ? {} : { diskGiB: body.diskGiB }),
  ready: body.ready,
  readyTimeoutSeconds: body.readyTimeoutSeconds,
  hostname: body.hostname ?? body.name,
  sshKeys: body.sshKeys,
  ...(userDataKey === undefined ? {} : { userDataKey }),
  installAgent: body.installAgent,
});

/** The row of a VM that is only asked for. */
const pending = (body: CreateVm, { id, project, by, at }: Making, location: Location) =>
  ({
    id,
    name: body.name,
    project,
    provider: body.provider,
    managed: true,
    state: 'pending',
    desired: 'running',
    ready: { status: 'false', reason: 'NotRunning', message: 'The VM is being made.', at },
    location,
    image: body.image,
    nics: [],
    addresses: [],
    tags: body.tags,
    deletionProtection: body.deletionProtection,
    by,
    createdAt: at,
    changedAt: at,
    version: 1,
  }) satisfies Partial<Vm>;

const field = (name: string, detail: string): Fault =>
  new Fault('InvalidRequest', `${name}: ${detail}`, { errors: [{ pointer: `/${name}`, detail }] });

/** A KVM VM that is asked for; its host is chosen after. @throws SizeNotFound, InvalidRequest where the image needs more */
export const kvmVm = (body: CreateVm, making: Making, image: Image): Vm => {
  const size = sizeFor(body);
  const vcpus = body.vcpus ?? size?.vcpus ?? 1;
  const memoryMiB = body.memoryMiB ?? size?.memoryMiB ?? 0;
  const sizeGiB = body.diskGiB ?? Math.max(size?.diskGiB ?? 1, Math.ceil(image.minDiskGiB));
  if (memoryMiB < image.minMemoryMiB) throw field('memoryMiB', `${image.name} needs ${image.minMemoryMiB} MiB or more`);
  if (sizeGiB < image.minDiskGiB) throw field('diskGiB', `${image.name} needs ${image.minDiskGiB} GiB or more`);
  return {
    ...pending(body, making, {}),
    ...(size ? { size: size.name } : {}),
    vcpus,
    memoryMiB,
    disks: [{ name: 'vda', sizeGiB, boot: true }],
    spec: {
      ...specOf(body, making),
      imageId: image.id,
      ...(size ? { size: size.name } : {}),
      vcpus,
      memoryMiB,
      diskGiB: sizeGiB,
      kvm: body.kvm ?? {},
    },
  };
};

/** An EC2 VM that is asked for. @throws SizeNotFound, LocationRefused */
export const ec2Vm = (body: CreateVm, making: Making, places: EnabledPlaces): Vm => {
  const size = sizeFor(body);
  const instanceTypes = body.type === undefined ? (size?.instanceTypes ?? []) : [body.type].flat();
  const [first = ''] = instanceTypes;
  const shape = shapeOfType(first) ?? { vcpus: 0, memoryMiB: 0 };
  return {
    ...pending(body, making, ec2Location(body, places)),
    ...(size ? { size: size.name } : {}),
    instanceType: first,
    vcpus: shape.vcpus,
    memoryMiB: shape.memoryMiB,
    disks: [],
    spec: { ...specOf(body, making), ...(size ? { size: size.name } : {}), ec2: { ...body.ec2, instanceTypes } },
  };
};
