import { describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { AuditEntry } from '../../lambdas/domain/audit-entry.ts';
import { ChainedEntry, Head, HeadKey } from '../../lambdas/domain/chain.ts';
import { AuditRun, Leftover, Plan } from '../../lambdas/domain/collection.ts';
import { Host } from '../../lambdas/domain/host.ts';
import { Image } from '../../lambdas/domain/image.ts';
import { Finding } from '../../lambdas/domain/invariants/kinds.ts';
import { Operation } from '../../lambdas/domain/operation.ts';
import { TaskError } from '../../lambdas/domain/outcome.ts';
import { pageOf } from '../../lambdas/domain/page.ts';
import { Price, PriceBook } from '../../lambdas/domain/price.ts';
import { Membership } from '../../lambdas/domain/principal.ts';
import { Project } from '../../lambdas/domain/project.ts';
import { Report, ReportAnswer } from '../../lambdas/domain/report.ts';
import { Size } from '../../lambdas/domain/size.ts';
import { TokenView } from '../../lambdas/domain/view.ts';
import { Observed, Vm } from '../../lambdas/domain/vm.ts';
import * as papers from '../support/full-papers.ts';
import * as rows from '../support/full-rows.ts';
import { at, holds, isObject, type Path, placesIn, withAt } from '../support/places.ts';

const FULL = { ...rows, ...papers };

/** What can be in a row, by name: its schema, and a row with all of it. */
const ROWS: readonly (readonly [string, z.ZodType, object])[] = [
  ['VM', Vm, FULL.vm],
  ['observed VM', Observed, FULL.observed],
  ['operation', Operation, FULL.operation],
  ['host', Host, FULL.host],
  ['image', Image, FULL.image],
  ['project', Project, FULL.project],
  ['membership', Membership, FULL.membership],
  ['token', TokenView, FULL.token],
  ['audit entry', AuditEntry, FULL.auditEntry],
  ['chained entry', ChainedEntry, FULL.chainedEntry],
  ['head of a chain', Head, FULL.head],
  ['key of heads', HeadKey, FULL.headKey],
  ['finding', Finding, FULL.finding],
  ['plan of the collector', Plan, FULL.plan],
  ['leftover', Leftover, FULL.leftover],
  ['audit run', AuditRun, FULL.auditRun],
  ['report', Report, FULL.report],
  ['answer to a report', ReportAnswer, FULL.reportAnswer],
  ['size', Size, FULL.size],
  ['price', Price, FULL.price],
  ['price book', PriceBook, FULL.priceBook],
  ['page', pageOf(Size), { items: [FULL.size], cursor: 'c' }],
];

/** Fields whose keys are the writer's own. */
const OPEN = /^(tags|input|before|after|counts|erasure\.removed|spec\.kvm\.hostTags|results\.\d\.answer\.result)$/;

const isInOpen = (path: Path): boolean => path.some((_, end) => OPEN.test(path.slice(0, end + 1).join('.')));

describe.each(ROWS)('a row of %s', (_, schema, full) => {
  it('is read as it was written', () => expect(schema.parse(full)).toEqual(full));

  it('has no field of its own, however deep', () => {
    const objects = placesIn(full).filter((path) => isObject(at(full, path)) && !Array.isArray(at(full, path)));
    for (const path of objects.filter((each) => !isInOpen(each))) {
      const strange = withAt(full, path, { ...Object(at(full, path)), strange: 1 });
      expect(holds(schema, strange), `${path.join('.')}.strange`).toBe(false);
    }
  });

  it('has nothing of another type in place of a value', () => {
    for (const path of placesIn(full).filter((each) => !isInOpen(each))) {
      const value = at(full, path);
      for (const put of [Symbol('x'), Array.isArray(value) || !isObject(value) ? {} : []]) {
        expect(holds(schema, withAt(full, path, put)), path.join('.')).toBe(false);
      }
    }
  });
});

describe('words of a row', () => {
  it.each<[string, z.ZodType, object, string, readonly string[]]>([
    ['VM', Vm, FULL.vm, 'desired', ['running', 'stopped', 'deleted']],
    ['VM', Vm, FULL.vm, 'ready.status', ['true', 'false', 'unknown']],
    [
      'operation',
      Operation,
      FULL.operation,
      'kind',
      ['create-vm', 'start-vm', 'stop-vm', 'reboot-vm', 'reset-vm', 'delete-vm', 'undelete-vm', 'enrol-host'],
    ],
    [
      'operation',
      Operation,
      FULL.operation,
      'state',
      ['queued', 'running', 'cancelling', 'succeeded', 'failed', 'cancelled', 'needs-attention', 'undo-pending'],
    ],
    ['step', Operation, FULL.operation, 'steps.0.state', ['pending', 'running', 'succeeded', 'failed', 'skipped']],
    ['row before', Operation, FULL.operation, 'before.desired', ['running', 'stopped', 'deleted']],
    ['host', Host, FULL.host, 'state', ['enrolling', 'ready', 'draining', 'unreachable', 'retired']],
    ['host', Host, FULL.host, 'facts.accel', ['kvm', 'tcg', 'none']],
    ['image', Image, FULL.image, 'format', ['qcow2', 'raw']],
    ['image', Image, FULL.image, 'machine', ['q35', 'pc']],
    ['role', Membership, FULL.membership, 'role', ['viewer', 'operator', 'admin', 'host']],
    ['plan', Plan, FULL.plan, 'state', ['open', 'locked', 'tripped']],
    ['price', Price, FULL.price, 'kind', ['list', 'estimate', 'unknown']],
    [
      'event',
      Report,
      FULL.report,
      'events.0.kind',
      [
        ...['started', 'stopped', 'crashed', 'paused', 'resumed', 'shutdown', 'ready', 'not-ready'],
        ...['undefined', 'defined'],
      ],
    ],
    [
      'domain',
      Report,
      FULL.report,
      'inventory.0.state',
      ['running', 'stopping', 'stopped', 'suspended', 'saved', 'error'],
    ],
    ['file', Report, FULL.report, 'facts.files.0.kind', ['disk', 'seed', 'console', 'retained']],
  ])('of %s', (_, schema, row, place, words) => {
    const path = place.split('.');
    for (const word of words) expect(holds(schema, withAt(row, path, word)), word).toBe(true);
    for (const word of ['', 'other']) expect(holds(schema, withAt(row, path, word)), word).toBe(false);
  });
});

describe('digits of a row', () => {
  const hex = 'a0'.repeat(32);

  it.each<[string, z.ZodType, object, string, readonly string[], readonly string[]]>([
    [
      'sha256 of an image',
      Image,
      FULL.image,
      'sha256',
      [hex],
      [`${hex}0`, `0${hex}`, hex.slice(1), `${hex.slice(1)}g`],
    ],
    ['hash', Head, FULL.head, 'hash', [hex], [`${hex}0`, `0${hex}`, hex.slice(1), `${hex.slice(1)}G`]],
    [
      'id of a key',
      Head,
      FULL.head,
      'keyId',
      ['0123456789abcdef'],
      ['0123456789abcde', '0123456789abcdef0', 'x'.repeat(16)],
    ],
    [
      'signature',
      Head,
      FULL.head,
      'signature',
      ['-_aZ09'.padEnd(86, 'x')],
      ['x'.repeat(85), 'x'.repeat(87), '='.repeat(86)],
    ],
  ])('%s', (_, schema, row, place, good, bad) => {
    for (const text of good) expect(holds(schema, withAt(row, [place], text)), text).toBe(true);
    for (const text of bad) expect(holds(schema, withAt(row, [place], text)), text).toBe(false);
  });
});

it('an error of a task is a name, with or without a cause', () => {
  expect(TaskError.parse({ Error: 'DiskFull', Cause: 'x', more: 1 })).toEqual({ Error: 'DiskFull', Cause: 'x' });
  expect(holds(TaskError, { Cause: 'x' })).toBe(false);
});
