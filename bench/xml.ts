import { domainUuidOf, macOf, newId, operationIdOf } from '../lambdas/domain/ids.ts';
import { domainXml } from '../lambdas/providers/kvm/domain-xml.ts';
import { median, rounded } from './samples.ts';

const POOL = '/var/lib/libvirt/images/novacron/bench';

const modelOf = (vmId: string) => ({
  uuid: domainUuidOf('bench', vmId),
  name: 'web-1-abcdef',
  title: 'web-1',
  mark: {
    installation: 'bench',
    vmId,
    operationId: operationIdOf({ id: 'bench' }, vmId),
    ready: 'auto' as const,
    readyTimeoutSeconds: 300,
  },
  accel: 'kvm' as const,
  machine: 'q35' as const,
  vcpus: 2,
  memoryMiB: 2048,
  disks: [{ path: `${POOL}/disks/${vmId}-0.qcow2`, format: 'qcow2' as const }],
  seed: `${POOL}/seeds/${vmId}.iso`,
  nics: [{ mac: macOf(vmId, 0), network: 'default' }],
  console: `${POOL}/disks/${vmId}.console.log`,
});

/** Domain documents a second, checked model and text together; each of another VM. */
export const xmlFigures = (rounds: number, documents = 1_000): { documentsPerSecond: number; bar: number } => {
  const models = Array.from({ length: documents }, () => modelOf(newId('vm', Date.now())));
  const rates = Array.from({ length: rounds }, () => {
    const start = performance.now();
    for (const model of models) domainXml(model);
    return (documents * 1_000) / (performance.now() - start);
  });
  return { documentsPerSecond: rounded(median(rates)), bar: 1_000 };
};
