/**
 * What is measured, whoever measures it: OpenTelemetry's way of naming, UCUM's way of writing units
 * (https://opentelemetry.io/docs/specs/semconv/general/metrics/). All are gauges; what is counted comes as a rate over the interval
 * of its sample. Where nothing is known there is no value: never a nought.
 */
export const METRICS = {
  'vm.cpu.utilization': { unit: '1', help: 'Share of its vCPUs that a VM has in use' },
  'vm.cpu.steal': { unit: '1', help: 'Share of the time in which vCPUs of a VM were ready to run and had to wait' },
  'vm.cpu.credits': { unit: '{credit}', help: 'CPU credits that a burstable instance has left' },
  'vm.memory.allocated': { unit: 'By', help: 'Memory that a VM is given, whether it uses it or not' },
  'vm.memory.usage': { unit: 'By', help: 'Memory in use as the guest tells it; absent where it does not' },
  'vm.memory.resident': { unit: 'By', help: 'Memory of its host that a VM holds' },
  'vm.disk.read.operations': { unit: '{operation}/s', help: 'Reads of all disks of a VM' },
  'vm.disk.write.operations': { unit: '{operation}/s', help: 'Writes of all disks of a VM' },
  'vm.disk.flush.operations': { unit: '{operation}/s', help: 'Flushes of all disks of a VM' },
  'vm.disk.read.bytes': { unit: 'By/s', help: 'What all disks of a VM read' },
  'vm.disk.write.bytes': { unit: 'By/s', help: 'What all disks of a VM write' },
  'vm.disk.read.latency': { unit: 's', help: 'How long a read took on average' },
  'vm.disk.write.latency': { unit: 's', help: 'How long a write took on average' },
  'vm.disk.flush.latency': { unit: 's', help: 'How long a flush took on average' },
  'vm.network.receive.bytes': { unit: 'By/s', help: 'What all interfaces of a VM receive' },
  'vm.network.transmit.bytes': { unit: 'By/s', help: 'What all interfaces of a VM send' },
  'vm.network.receive.packets': { unit: '{packet}/s', help: 'Packets that all interfaces of a VM receive' },
  'vm.network.transmit.packets': { unit: '{packet}/s', help: 'Packets that all interfaces of a VM send' },
  'vm.network.dropped': { unit: '{packet}/s', help: 'Packets of a VM that were dropped, both ways' },
  'vm.network.errors': { unit: '{packet}/s', help: 'Packets of a VM that failed, both ways' },
  'vm.status.failed': { unit: '1', help: "Whether one of EC2's status checks fails: 1 where one does" },
  'host.cpu.utilization': { unit: '1', help: 'Share of its CPUs that a host has in use' },
  'host.cpu.iowait': { unit: '1', help: 'Share of the time in which CPUs of a host waited for its disks' },
  'host.cpu.load': { unit: '1', help: 'Load average of a host over a minute' },
  'host.memory.limit': { unit: 'By', help: 'Memory of a host' },
  'host.memory.usage': { unit: 'By', help: 'Memory of a host that is not available to new programs' },
  'host.swap.usage': { unit: 'By', help: 'Swap space of a host in use' },
  'host.disk.read.bytes': { unit: 'By/s', help: 'What all disks of a host read' },
  'host.disk.write.bytes': { unit: 'By/s', help: 'What all disks of a host write' },
  'host.network.receive.bytes': { unit: 'By/s', help: 'What all network cards of a host receive' },
  'host.network.transmit.bytes': { unit: 'By/s', help: 'What all network cards of a host send' },
  'host.pool.limit': { unit: 'By', help: 'Size of the storage pool of a host' },
  'host.pool.usage': { unit: 'By', help: 'What of its storage pool is used' },
  'host.agent.backlog': { unit: '{report}', help: 'Reports of a host unit that wait to be sent' },
  'host.vms.running': { unit: '{vm}', help: 'VMs that run on a host' },
} as const satisfies Record<string, { readonly unit: string; readonly help: string }>;

export type MetricName = keyof typeof METRICS;

// Object.keys forgets its object's own keys, of which no other writes any.
export const METRIC_NAMES = Object.keys(METRICS) as MetricName[];

/** What a series is about. */
export type SubjectKind = 'vm' | 'host';

/** Whether VMs have it or hosts. */
export const kindOf = (metric: MetricName): SubjectKind => (metric.startsWith('vm.') ? 'vm' : 'host');

/** What of one subject is known at one time. */
export type Values = Partial<Record<MetricName, number>>;
