import { DomainModel } from './domain-model.ts';
import { documentOf, element, type XmlNode } from './xml.ts';

/** Part of the contract with the host unit, which reads the mark back from `virsh dumpxml`. */
const MARK_NAMESPACE = 'https://novacron.dev/libvirt/1';

/** Seconds between balloon statistics; without a period the guest's own memory figures stay zero. */
const BALLOON_PERIOD_SECONDS = 10;

const mark = ({ installation, vmId, operationId, ready, readyTimeoutSeconds }: DomainModel['mark']): XmlNode =>
  element(
    'metadata',
    {},
    element('novacron:vm', {
      'xmlns:novacron': MARK_NAMESPACE,
      installation,
      id: vmId,
      operation: operationId,
      ready,
      readyTimeoutSeconds,
    }),
  );

/** Under KVM the guest sees the host's CPU; under TCG QEMU's default model, which is all that TCG can do well. */
const cpu = (accel: DomainModel['accel']): XmlNode[] =>
  accel === 'kvm' ? [element('cpu', { mode: 'host-passthrough', check: 'none', migratable: 'on' })] : [];

const clock = (): XmlNode =>
  element(
    'clock',
    { offset: 'utc' },
    element('timer', { name: 'rtc', tickpolicy: 'catchup' }),
    element('timer', { name: 'pit', tickpolicy: 'delay' }),
    element('timer', { name: 'hpet', present: 'no' }),
  );

const DISK_LETTERS = 'abcdefghijklmnopqrst';

const disk = ({ path, format }: DomainModel['disks'][number], index: number): XmlNode =>
  element(
    'disk',
    { type: 'file', device: 'disk' },
    element('driver', { name: 'qemu', type: format, discard: 'unmap' }),
    element('source', { file: path }),
    element('target', { dev: `vd${DISK_LETTERS[index]}`, bus: 'virtio' }),
    ...(index === 0 ? [element('boot', { order: 1 })] : []),
  );

/** The seed as a CD. On q35 it hangs on virtio-scsi: cloud kernels come without AHCI. On pc IDE is what every guest knows. */
const seed = ({ seed: path, machine }: DomainModel): XmlNode[] => {
  const bus = machine === 'q35' ? 'scsi' : 'ide';
  const cdrom = element(
    'disk',
    { type: 'file', device: 'cdrom' },
    element('driver', { name: 'qemu', type: 'raw' }),
    element('source', { file: path }),
    element('target', { dev: bus === 'scsi' ? 'sda' : 'hda', bus }),
    element('readonly'),
  );
  return bus === 'scsi' ? [element('controller', { type: 'scsi', model: 'virtio-scsi' }), cdrom] : [cdrom];
};

const nic = ({ mac, network }: DomainModel['nics'][number]): XmlNode =>
  element(
    'interface',
    { type: 'network' },
    element('mac', { address: mac }),
    element('source', { network }),
    element('model', { type: 'virtio' }),
  );

/** A pty keeps `virsh console` possible, while virtlogd writes and rotates the log that `vm log` shows. */
const serial = (file: string): XmlNode[] => [
  element('serial', { type: 'pty' }, element('log', { file, append: 'on' }), element('target', { port: 0 })),
  element('console', { type: 'pty' }, element('target', { type: 'serial', port: 0 })),
];

const agent = (): XmlNode =>
  element('channel', { type: 'unix' }, element('target', { type: 'virtio', name: 'org.qemu.guest_agent.0' }));

const devices = (model: DomainModel): XmlNode =>
  element(
    'devices',
    {},
    ...model.disks.map(disk),
    ...seed(model),
    element('controller', { type: 'usb', model: 'none' }),
    ...model.nics.map(nic),
    ...serial(model.console),
    agent(),
    element('memballoon', { model: 'virtio' }, element('stats', { period: BALLOON_PERIOD_SECONDS })),
    element('rng', { model: 'virtio' }, element('backend', { model: 'random' }, '/dev/urandom')),
    element('panic', { model: 'isa' }),
  );

/**
 * The libvirt definition of a VM. A guest that reboots stays, one that powers off or panics stops and is seen.
 * @throws ZodError where the model holds what no domain of ours may (control characters, foreign paths or MACs)
 */
export const domainXml = (input: DomainModel): string => {
  const model = DomainModel.parse(input);
  return documentOf(
    element(
      'domain',
      { type: model.accel === 'kvm' ? 'kvm' : 'qemu' },
      element('name', {}, model.name),
      element('uuid', {}, model.uuid),
      element('title', {}, model.title),
      mark(model.mark),
      element('memory', { unit: 'MiB' }, String(model.memoryMiB)),
      element('vcpu', { placement: 'static' }, String(model.vcpus)),
      element('os', {}, element('type', { arch: 'x86_64', machine: model.machine }, 'hvm')),
      element('features', {}, element('acpi'), element('apic')),
      ...cpu(model.accel),
      clock(),
      element('on_poweroff', {}, 'destroy'),
      element('on_reboot', {}, 'restart'),
      element('on_crash', {}, 'destroy'),
      devices(model),
    ),
  );
};
