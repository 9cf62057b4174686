import type { Host } from '../../domain/host.ts';
import type { Vm } from '../../domain/vm.ts';

/** Where the files of a VM lie in the host's pool; the host half keeps to what it is told here. */
export interface Layout {
  readonly bootDisk: string;
  readonly seed: string;
  readonly console: string;
}

/** Where a host keeps our VMs until enrolment has said otherwise: a path that Debian's AppArmor lets QEMU open. */
export const poolPathOf = (installation: string): string => `/var/lib/libvirt/images/novacron/${installation}`;

/** Paths by VM id, never by name: a name may be used again while the old VM's disks are retained. */
export const layoutOf = (vm: Pick<Vm, 'id'>, host: Pick<Host, 'facts'>, installation: string): Layout => {
  const pool = host.facts?.pool.path ?? poolPathOf(installation);
  return {
    bootDisk: `${pool}/disks/${vm.id}-0.qcow2`,
    seed: `${pool}/seeds/${vm.id}.iso`,
    console: `${pool}/disks/${vm.id}.console.log`,
  };
};
