import type { Host } from '../../lambdas/domain/host.ts';
import type { Image } from '../../lambdas/domain/image.ts';
import type { Operation } from '../../lambdas/domain/operation.ts';
import type { Membership } from '../../lambdas/domain/principal.ts';
import type { Project } from '../../lambdas/domain/project.ts';
import type { TokenView } from '../../lambdas/domain/view.ts';
import type { Observed, Vm } from '../../lambdas/domain/vm.ts';

/** Rows of VMs and hosts with every field that they can have. */
export const AT = '2026-11-25T10:00:00.000Z';
export const SERIAL = '0123456789abcdef';
export const VM = `vm-${SERIAL}`;
export const HOST = `h-${SERIAL}`;
export const IMAGE = `img-${SERIAL}`;
export const OPERATION = `op-${SERIAL}0123456789`;
export const HASH = '0a'.repeat(32);

const location = { account: '123456789012', region: 'eu-central-1', zone: 'a', hostId: HOST, hostName: 'rack-1' };
const machine = {
  vcpus: 2,
  memoryMiB: 512,
  disks: [{ name: 'vda', sizeGiB: 1.5, boot: true, providerId: '/p/a.qcow2' }],
  nics: [{ mac: '52:54:00:00:00:01', network: 'default', addresses: ['192.0.2.1'] }],
  addresses: ['192.0.2.1'],
  tags: { env: 'prod' },
};

export const observed: Required<Observed> = {
  ...machine,
  providerId: 'i-1',
  name: 'web-1',
  state: 'running',
  reason: 'Crashed',
  cause: 'enospc on /p/a',
  vmId: VM,
  operationId: OPERATION,
  location,
  instanceType: 't3.small',
};

export const vm: Required<Vm> = {
  ...machine,
  id: VM,
  name: 'web-1',
  project: 'shop',
  provider: 'kvm',
  managed: true,
  state: 'running',
  lastState: 'stopped',
  desired: 'running',
  ready: { status: 'true', reason: 'AgentAnswers', message: 'm', at: AT },
  location,
  providerId: 'uuid',
  size: 'small',
  instanceType: 't3.small',
  image: 'test',
  deletionProtection: true,
  by: 'oidc:anna',
  lock: { operationId: OPERATION, reason: 'stop-vm', by: 't', since: AT, expiresAt: AT },
  retainedUntil: AT,
  spec: {
    image: 'test',
    imageId: IMAGE,
    size: 'small',
    vcpus: 2,
    memoryMiB: 512,
    diskGiB: 10,
    ready: 'auto',
    readyTimeoutSeconds: 300,
    hostname: 'web-1',
    sshKeys: ['ssh-ed25519 AAAA'],
    userDataKey: 'user-data/x',
    installAgent: true,
    kvm: { network: 'default', hostTags: { rack: '1' }, host: 'rack-1' },
    ec2: {
      instanceTypes: ['t3.small'],
      subnetId: 'subnet-1',
      securityGroupIds: ['sg-1'],
      keyName: 'k',
      launchTemplate: 'lt',
      volumes: [{ device: '/dev/sdf', sizeGiB: 5, type: 'gp3' }],
    },
  },
  createdAt: AT,
  changedAt: AT,
  observedAt: AT,
  version: 3,
};

export const operation: Required<Operation> = {
  id: OPERATION,
  project: 'shop',
  kind: 'stop-vm',
  state: 'failed',
  vmId: VM,
  vmName: 'web-1',
  hostId: HOST,
  provider: 'kvm',
  by: 'token:t',
  input: { graceSeconds: 60, force: false },
  before: { state: 'running', desired: 'running' },
  requestHash: HASH,
  steps: [{ name: 'Ask To Stop', state: 'failed', startedAt: AT, endedAt: AT, detail: 'd' }],
  attempt: 1,
  wait: { step: 'Ask To Stop', token: 't', attempt: 1, since: AT, commandId: 'c', nodeId: 'mi-1' },
  cancelRequested: false,
  executionArn: 'arn',
  error: { name: 'GraceOver', detail: 'd' },
  createdAt: AT,
  startedAt: AT,
  endedAt: AT,
  version: 2,
};

export const host: Required<Host> = {
  id: HOST,
  name: 'rack-1',
  state: 'ready',
  active: true,
  nodeId: 'mi-1',
  identity: HASH,
  facts: {
    libvirtVersion: '9.0.0',
    qemuVersion: '7.2.0',
    cpuModel: 'EPYC',
    cores: 8,
    memoryMiB: 16_384,
    freeMemoryMiB: 8000,
    accel: 'kvm',
    accelReason: 'r',
    kernel: '6.1',
    pool: { path: '/p', sizeGiB: 100, freeGiB: 80 },
    networks: ['default'],
    machineTypes: ['q35'],
    unitVersion: '1',
    checks: [{ name: 'kvm', ok: true, required: true, detail: 'd', fix: 'f' }],
  },
  tags: { rack: '1' },
  allocated: { vcpus: 1, memoryMiB: 512, diskGiB: 1.5 },
  images: [IMAGE],
  upgrade: { version: '2', operationId: OPERATION, attempt: 1, at: AT },
  beatAt: AT,
  beatSeq: 7,
  reason: 'r',
  createdAt: AT,
  changedAt: AT,
  version: 4,
};

export const image: Required<Image> = {
  id: IMAGE,
  name: 'debian-12',
  source: 'https://images.example.org/x.qcow2',
  sha256: HASH,
  format: 'qcow2',
  minDiskGiB: 1.5,
  minMemoryMiB: 128,
  machine: 'q35',
  osVariant: 'debian12',
  tags: { a: 'b' },
  createdAt: AT,
  version: 1,
};

export const project: Required<Project> = {
  id: 'shop',
  by: 't',
  createdAt: AT,
  live: true,
  deletedAt: AT,
  erasure: { after: { pk: 'vm#x', sk: 'vm' }, found: 1, removed: { vm: 1 } },
  erasedAt: AT,
  vms: 2,
  maxVms: 5,
  maxOperationsPerMinute: 60,
  version: 1,
};

export const membership: Membership = { project: 'shop', role: 'operator' };

export const token: Required<TokenView> = {
  id: `tok-${SERIAL}`,
  name: 'ci',
  role: 'operator',
  project: 'shop',
  system: false,
  by: 't',
  createdAt: AT,
  expiresAt: AT,
  revokedAt: AT,
};
