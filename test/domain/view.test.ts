import { describe, expect, it } from 'vitest';
import { lastSeqOf } from '../../lambdas/domain/host.ts';
import { asEnrolling, shareOf } from '../../lambdas/domain/host-life.ts';
import {
  HostView,
  hostView,
  ImageView,
  imageView,
  OperationView,
  operationView,
  ProjectView,
  projectView,
  VmView,
  vmView,
} from '../../lambdas/domain/view.ts';
import * as rows from '../support/full-rows.ts';
import { aHost, aSpec, aVm } from '../support/kvm.ts';
import { anOperation } from '../support/world.ts';

const AT = '2026-11-25T10:00:00.000Z';

const without = (row: object, ...fields: string[]) =>
  Object.fromEntries(Object.entries(row).filter(([field]) => !fields.includes(field)));

describe('the API shows', () => {
  it('a VM without what only the plane needs, and with what may be asked of it', () => {
    const { lock: _, ...free } = rows.vm;
    expect(vmView(free)).toEqual({
      ...without(free, 'spec', 'version'),
      actions: ['start', 'stop', 'reboot', 'reset', 'delete'],
    });
    expect(VmView.parse(vmView(free))).toEqual(vmView(free));
    expect(vmView(rows.vm).actions).toEqual([]);
    expect(vmView(aVm()).project).toBe('default');
  });

  it('an operation without its machinery', () => {
    const shown = without(rows.operation, 'requestHash', 'wait', 'attempt', 'executionArn', 'before');
    expect(operationView(rows.operation)).toEqual(shown);
    expect(OperationView.parse(shown)).toEqual(shown);
    expect(operationView(anOperation(1)).project).toBe('default');
  });

  it('a host with its last beat', () => {
    const { beatAt: _, ...silent } = rows.host;
    expect(hostView(silent)).toEqual(without(silent, 'version', 'beatSeq', 'identity'));
    const shown = hostView(silent, { hostId: silent.id, at: AT, version: 3 });
    expect(shown.beatAt).toBe(AT);
    expect(HostView.parse(shown)).toEqual(shown);
  });

  it('an image and a project', () => {
    expect(imageView(rows.image)).toEqual(without(rows.image, 'version'));
    expect(ImageView.parse(imageView(rows.image))).toEqual(imageView(rows.image));
    expect(projectView(rows.project)).toEqual(
      without(rows.project, 'live', 'version', 'deletedAt', 'erasure', 'erasedAt'),
    );
    expect(ProjectView.parse(projectView(rows.project))).toEqual(projectView(rows.project));
  });

  it.each([
    ['a VM', VmView, vmView(rows.vm), ['spec', 'version']],
    [
      'an operation',
      OperationView,
      operationView(rows.operation),
      ['requestHash', 'wait', 'attempt', 'executionArn', 'before'],
    ],
    ['a host', HostView, hostView(rows.host), ['version', 'beatSeq', 'identity']],
    ['an image', ImageView, imageView(rows.image), ['version']],
    ['a project', ProjectView, projectView(rows.project), ['live', 'version', 'deletedAt']],
  ] as const)('never what is the plane’s own in %s', (_, schema, shown, fields) => {
    const all: Record<string, unknown> = { ...rows.vm, ...rows.operation, ...rows.host, ...rows.project };
    for (const field of fields) {
      expect(schema.safeParse({ ...shown, [field]: all[field] }).success, field).toBe(false);
    }
  });
});

describe('a host', () => {
  it('begins its enrolment without a reason, as it was left', () => {
    const host = aHost({ state: 'unreachable', reason: 'No beat.', active: false, beatSeq: 7 });
    const { reason: _, ...rest } = host;
    expect(asEnrolling(host, '2026-11-25T11:00:00.000Z')).toEqual({
      ...rest,
      state: 'enrolling',
      changedAt: '2026-11-25T11:00:00.000Z',
    });
  });

  it('that was retired begins anew, its reports counted from 1', () => {
    const host = aHost({ state: 'retired', active: false, beatSeq: 7 });
    expect(asEnrolling(host, AT)).toMatchObject({ state: 'enrolling', active: true, beatSeq: 0 });
  });

  it.each([
    [7, undefined, 7],
    [7, 3, 7],
    [0, 3, 3],
    [0, undefined, 0],
  ])('whose row knows report %s and whose beat %s has sent %s', (beatSeq, version, last) => {
    const beat = version === undefined ? undefined : { hostId: 'h', at: AT, version };
    expect(lastSeqOf({ beatSeq }, beat)).toBe(last);
  });

  it('gives a VM what it asked for, and one that was only found nothing', () => {
    const disk = { name: 'vda', sizeGiB: 1.5, boot: true };
    const vm = aVm({ vcpus: 3, memoryMiB: 700, disks: [disk, { ...disk, sizeGiB: 2 }], spec: aSpec() });
    expect(shareOf(vm)).toEqual({ vcpus: 3, memoryMiB: 700, diskGiB: 3.5 });
    const { spec: _, ...found } = vm;
    expect(shareOf(found)).toEqual({ vcpus: 0, memoryMiB: 0, diskGiB: 0 });
  });
});
