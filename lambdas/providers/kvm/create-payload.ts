import { Fault, raise } from '../../domain/faults.ts';
import type { Host } from '../../domain/host.ts';
import { domainUuidOf, macOf } from '../../domain/ids.ts';
import type { Image } from '../../domain/image.ts';
import { DEFAULT_NETWORK } from '../../domain/placement.ts';
import type { Observed, Vm, VmSpec } from '../../domain/vm.ts';
import type { CreateContext } from '../provider.ts';
import type { DomainModel } from './domain-model.ts';
import { domainXml } from './domain-xml.ts';
import { layoutOf } from './layout.ts';
import type { CreatePayload } from './payload.ts';
import { seedOf, type UserDataObject } from './seed.ts';

const networkOf = ({ kvm }: VmSpec): string => kvm?.network ?? DEFAULT_NETWORK;

/** GiB of the boot disk: a clone is never smaller than its image. */
const sizeOf = ({ diskGiB = 0 }: VmSpec, { minDiskGiB }: Image): number => Math.max(diskGiB, minDiskGiB);

/** Everything a create needs, known to be there. */
interface Parts {
  readonly vm: Vm;
  readonly spec: VmSpec;
  readonly host: Host;
  readonly image: Image;
  readonly installation: string;
}

const NAME_LIMIT = 63;
const ID_TAIL = 6;

/** `<name>-<last 6 of the id>`: readable in virsh, and free again when the VM of that name is retained. */
const domainNameOf = ({ name, id }: Pick<Vm, 'name' | 'id'>): string =>
  `${name.slice(0, NAME_LIMIT - ID_TAIL - 1)}-${id.slice(-ID_TAIL)}`;

const accelOf = ({ name, facts }: Host): DomainModel['accel'] =>
  facts === undefined || facts.accel === 'none'
    ? raise('NoHostFits', `${name} can run no guest: ${facts?.accelReason ?? 'its facts are not known yet'}.`)
    : facts.accel;

const modelOf = ({ vm, spec, host, image, installation }: Parts, operationId: string): DomainModel => {
  const files = layoutOf(vm, host, installation);
  return {
    uuid: domainUuidOf(installation, vm.id),
    name: domainNameOf(vm),
    title: vm.name,
    mark: {
      installation,
      vmId: vm.id,
      operationId,
      ready: spec.ready,
      readyTimeoutSeconds: spec.readyTimeoutSeconds,
    },
    accel: accelOf(host),
    machine: image.machine,
    vcpus: vm.vcpus,
    memoryMiB: vm.memoryMiB,
    disks: [{ path: files.bootDisk, format: 'qcow2' }],
    seed: files.seed,
    nics: [{ mac: macOf(vm.id, 0), network: networkOf(spec) }],
    console: files.console,
  };
};

/** An image lies at an https URL, or at a path that the hosts have. */
const baseOf = ({ id, source, sha256, format }: Image): CreatePayload['disks'][number]['base'] =>
  source.startsWith('/') ? { imageId: id, path: source, sha256, format } : { imageId: id, url: source, sha256, format };

/** What of a create the plane must have decided before a host is asked. @throws SpecRefused */
export const partsOf = (vm: Vm, { host, image }: CreateContext, installation: string): Parts => {
  const { spec } = vm;
  if (spec && host && image) return { vm, spec, host, image, installation };
  const missing = [spec ? '' : 'what was asked for', host ? '' : 'a host', image ? '' : 'an image'].filter(Boolean);
  throw new Fault('SpecRefused', `${vm.name} cannot be made on KVM without ${missing.join(', ')}.`);
};

/** What is true of the VM as soon as a host was asked for it: ids that we choose, not the host. */
export const knownAtCreate = ({ vm, spec, host, image, installation }: Parts): Partial<Observed> => ({
  providerId: domainUuidOf(installation, vm.id),
  disks: [
    {
      name: 'vda',
      sizeGiB: sizeOf(spec, image),
      boot: true,
      providerId: layoutOf(vm, host, installation).bootDisk,
    },
  ],
  nics: [{ mac: macOf(vm.id, 0), network: networkOf(spec), addresses: [] }],
});

/** All that the host is told for a create, in one document. */
export const createPayloadOf = (parts: Parts, operationId: string, userData?: UserDataObject): CreatePayload => {
  const { vm, spec, host, image, installation } = parts;
  const files = layoutOf(vm, host, installation);
  return {
    vm: { id: vm.id, name: vm.name, hostname: spec.hostname },
    domainXml: domainXml(modelOf(parts, operationId)),
    disks: [{ path: files.bootDisk, sizeGiB: sizeOf(spec, image), base: baseOf(image) }],
    seed: seedOf(vm, spec, { path: files.seed, ...(userData ? { userData } : {}) }),
    console: files.console,
    ready: spec.ready,
    readyTimeoutSeconds: spec.readyTimeoutSeconds,
    autostart: true,
  };
};
