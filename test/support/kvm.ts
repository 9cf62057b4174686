import { createHash } from 'node:crypto';
import type { Host } from '../../lambdas/domain/host.ts';
import type { Image } from '../../lambdas/domain/image.ts';
import type { HostAnswer } from '../../lambdas/domain/report.ts';
import type { Vm, VmSpec } from '../../lambdas/domain/vm.ts';

/** Builders of what a KVM host, its images and its VMs look like. */
const AT = '2026-11-25T10:00:00.000Z';

export const aHost = (changes: Partial<Host> = {}, facts: Partial<NonNullable<Host['facts']>> = {}): Host => ({
  id: 'h-0123456789abcdef',
  name: 'rack-1',
  state: 'ready',
  active: true,
  nodeId: 'mi-0123456789abcdef0',
  facts: {
    libvirtVersion: '9.0.0',
    qemuVersion: '7.2.22',
    cpuModel: 'EPYC',
    cores: 8,
    memoryMiB: 16_384,
    accel: 'kvm',
    kernel: '6.1.0-35-amd64',
    pool: { path: '/var/lib/libvirt/images/novacron/dev', sizeGiB: 100, freeGiB: 80 },
    networks: ['default'],
    machineTypes: ['pc', 'pc-i440fx-7.2', 'q35', 'pc-q35-7.2'],
    unitVersion: '1',
    checks: [],
    ...facts,
  },
  tags: {},
  allocated: { vcpus: 0, memoryMiB: 0, diskGiB: 0 },
  images: [],
  beatSeq: 1,
  createdAt: AT,
  changedAt: AT,
  version: 1,
  ...changes,
});

export const anImage = (changes: Partial<Image> = {}): Image => ({
  id: 'img-0123456789abcdef',
  name: 'test',
  source: 'https://images.example.org/test.qcow2',
  sha256: 'a'.repeat(64),
  format: 'qcow2',
  minDiskGiB: 1,
  minMemoryMiB: 128,
  machine: 'pc',
  osVariant: 'linux',
  tags: {},
  createdAt: AT,
  version: 1,
  ...changes,
});

export const aSpec = (changes: Partial<VmSpec> = {}): VmSpec => ({
  image: 'test',
  ready: 'auto',
  readyTimeoutSeconds: 300,
  hostname: 'web-1',
  sshKeys: [],
  installAgent: false,
  ...changes,
});

export const aVm = (changes: Partial<Vm> = {}): Vm => ({
  id: 'vm-0123456789abcdef',
  name: 'web-1',
  provider: 'kvm',
  managed: true,
  state: 'running',
  desired: 'running',
  ready: { status: 'unknown', reason: 'Pending', message: '', at: AT },
  location: { hostId: 'h-0123456789abcdef', hostName: 'rack-1' },
  vcpus: 1,
  memoryMiB: 256,
  disks: [],
  nics: [],
  addresses: [],
  tags: {},
  deletionProtection: false,
  spec: aSpec(),
  createdAt: AT,
  changedAt: AT,
  version: 1,
  ...changes,
});

/** A line with the right length and digest, whatever `json` is. */
export const sealedLine = (json: string): string =>
  `NOVACRON1 ${Buffer.byteLength(json)} ${createHash('sha256').update(json).digest('hex')} ${json}\n`;

/** The line that a host prints for an answer. */
export const answerLine = (answer: HostAnswer | object): string => sealedLine(JSON.stringify(answer));
