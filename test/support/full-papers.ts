import type { AuditEntry } from '../../lambdas/domain/audit-entry.ts';
import type { ChainedEntry, Head, HeadKey } from '../../lambdas/domain/chain.ts';
import type { AuditRun, Leftover, Plan } from '../../lambdas/domain/collection.ts';
import type { Finding } from '../../lambdas/domain/invariants/kinds.ts';
import type { Price, PriceBook } from '../../lambdas/domain/price.ts';
import type { Report, ReportAnswer } from '../../lambdas/domain/report.ts';
import type { Size } from '../../lambdas/domain/size.ts';
import { AT, HASH, HOST, IMAGE, OPERATION, SERIAL, VM } from './full-rows.ts';

/** What is told, audited and planned, and figures: with every field. */
export const auditEntry: Required<AuditEntry> = {
  id: `aud-${SERIAL}`,
  at: AT,
  project: 'shop',
  action: 'stop-vm',
  by: 'token:t',
  role: 'operator',
  from: '192.0.2.1',
  requestId: 'r',
  subject: VM,
  operationId: OPERATION,
  outcome: 'accepted',
  reason: 'x',
  before: { a: 1 },
  after: { a: 2 },
  version: 1,
};

const { version: _, ...entry } = auditEntry;
export const chainedEntry = { ...entry, project: 'shop', seq: 1, previous: HASH, hash: HASH } satisfies ChainedEntry;

export const head: Required<Head> = {
  project: 'shop',
  seq: 1,
  hash: HASH,
  at: AT,
  keyId: SERIAL,
  signature: 'x'.repeat(86),
};

export const headKey: HeadKey = { keyId: SERIAL, algorithm: 'Ed25519', publicKey: 'pem' };

export const finding: Required<Finding> = {
  invariant: 'I1',
  kind: 'VmStuck',
  subject: VM,
  place: HOST,
  detail: 'd',
  since: AT,
  suggestion: 's',
};

export const leftover: Required<Leftover> = {
  vmId: VM,
  name: 'web-1',
  operationId: OPERATION,
  provider: 'kvm',
  place: HOST,
};

export const plan: Required<Plan> = { state: 'open', reason: 'r', take: [leftover], held: [leftover] };

export const auditRun: AuditRun = { at: AT, total: 1, counts: { VmStuck: 1 }, fleet: 3 };

export const report: Required<Report> = {
  unitVersion: '1',
  seq: 9,
  sentAt: AT,
  seenAt: AT,
  facts: {
    freeGiB: 10.5,
    freeMemoryMiB: 2048,
    images: [IMAGE],
    files: [{ vmId: VM, kind: 'disk', bytes: 4096 }],
    sizeGiB: 100,
    networks: ['default'],
    libvirtVersion: '9.0.0',
    qemuVersion: '7.2.0',
    kernel: '6.1.0',
  },
  libvirtAwaySince: AT,
  events: [
    {
      at: AT,
      domain: '2ba9e0b4-5d58-5b9b-8cf0-26e0c5e1a111',
      vmId: VM,
      kind: 'crashed',
      reason: 'panicked',
      addresses: ['192.0.2.1'],
      serialTail: 'tail',
    },
  ],
  inventory: [
    {
      uuid: '2ba9e0b4-5d58-5b9b-8cf0-26e0c5e1a111',
      name: 'web-1',
      state: 'running',
      reason: 'booted',
      vcpus: 1,
      memoryMiB: 512,
      vmId: VM,
      installation: 'dev',
      operationId: OPERATION,
      addresses: ['192.0.2.1'],
      disks: [{ target: 'vda', path: '/p/a.qcow2', sizeGiB: 2 }],
      nics: [{ mac: '52:54:00:00:00:01', network: 'default' }],
    },
  ],
  results: [
    { op: OPERATION, attempt: 1, answer: { ok: false, fault: 'DiskFull', detail: 'full' } },
    { op: OPERATION, attempt: 2, answer: { ok: true, result: { state: 'running' } } },
  ],
};

export const reportAnswer: Required<ReportAnswer> = {
  beatSeconds: 10,
  wanted: { dropImages: [IMAGE], identity: true },
  token: 'nc',
};

export const size: Size = {
  name: 'small',
  vcpus: 1,
  memoryMiB: 2048,
  diskGiB: 10,
  instanceTypes: ['t3.small', 't3a.small'],
};

export const price: Price = { hourlyUsd: 0.01, monthlyUsd: 7.3, kind: 'list', source: 's', asOf: '2026-11-25' };

export const priceBook: PriceBook = {
  usdPerVcpuHour: 0.01,
  usdPerGiBMemoryHour: 0.01,
  usdPerGiBDiskMonth: 0.01,
  source: 's',
  asOf: '2026-11-25',
};
