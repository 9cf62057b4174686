import { describe, expect, it } from 'vitest';
import { Report } from '../../lambdas/domain/report.ts';
import { Vm } from '../../lambdas/domain/vm.ts';
import * as papers from '../support/full-papers.ts';
import * as rows from '../support/full-rows.ts';
import { at, holds, withAt } from '../support/places.ts';

it.each([['readyTimeoutSeconds', 10, 3600]])('%s of a VM lies between %d and %d', (field, least, most) => {
  for (const value of [least, most]) expect(holds(Vm, withAt(rows.vm, ['spec', field], value))).toBe(true);
  for (const value of [least - 1, most + 1]) expect(holds(Vm, withAt(rows.vm, ['spec', field], value))).toBe(false);
});

describe('a report', () => {
  it.each<[string, readonly string[]]>([
    ['1000 images', ['facts', 'images']],
    ['4000 files', ['facts', 'files']],
    ['256 networks', ['facts', 'networks']],
    ['500 events', ['events']],
    ['2000 domains', ['inventory']],
    ['100 results', ['results']],
    ['64 addresses of an event', ['events', '0', 'addresses']],
    ['64 addresses of a domain', ['inventory', '0', 'addresses']],
    ['64 disks', ['inventory', '0', 'disks']],
    ['64 NICs', ['inventory', '0', 'nics']],
  ])('has at most %s', (words, path) => {
    const most = Number.parseInt(words, 10);
    const of = (count: number) => withAt(papers.report, path, Array(count).fill(at(papers.report, [...path, '0'])));
    expect(holds(Report, of(most))).toBe(true);
    expect(holds(Report, of(most + 1))).toBe(false);
  });

  it.each<[string, number]>([
    ['unitVersion', 64],
    ['facts.images.0', 64],
    ['facts.libvirtVersion', 64],
    ['facts.qemuVersion', 64],
    ['facts.kernel', 256],
    ['facts.networks.0', 256],
    ['events.0.reason', 200],
    ['events.0.serialTail', 4096],
    ['inventory.0.name', 512],
    ['inventory.0.disks.0.path', 1024],
    ['inventory.0.nics.0.network', 256],
    ['results.0.answer.detail', 4096],
    ['results.0.answer.fault', 64],
  ])('has in %s at most %d characters', (place, most) => {
    const of = (length: number) => withAt(papers.report, place.split('.'), 'x'.repeat(length));
    expect(holds(Report, of(most))).toBe(true);
    expect(holds(Report, of(most + 1))).toBe(false);
  });
});
