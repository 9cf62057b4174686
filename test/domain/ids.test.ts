import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { etagOf, matches, requestHash } from '../../lambdas/domain/asked.ts';
import { canonical } from '../../lambdas/domain/canonical.ts';
import {
  domainUuidOf,
  HostId,
  macOf,
  newId,
  OperationId,
  operationIdOf,
  strangerIdOf,
  VmId,
} from '../../lambdas/domain/ids.ts';
import { projectOf } from '../../lambdas/domain/project.ts';

describe('a new id', () => {
  it('is of its prefix, and two of one moment are two', () => {
    const ids = Array.from({ length: 100 }, () => newId('vm', 1_790_000_000_000));
    expect(new Set(ids).size).toBe(100);
    for (const id of ids) expect(VmId.parse(id)).toBe(id);
    expect(HostId.safeParse(newId('h', 0)).success).toBe(true);
  });

  it.each([
    [0, '000000000'],
    [1, '000000001'],
    [31, '00000000z'],
    [32, '000000010'],
    [1_790_000_000_000, '1m3250v00'],
    [2 ** 45 - 1, 'zzzzzzzzz'],
  ])('begins with its time: %d ms', (millis, time) => expect(newId('op' as 'vm', millis).slice(3, 12)).toBe(time));

  it('sorts by its time', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 40), fc.integer({ min: 1, max: 1e9 }), (millis, later) => {
        expect(newId('ev', millis) < newId('ev', millis + later)).toBe(true);
      }),
      { seed: 1 },
    );
  });

  it('uses the whole of base 32', () => {
    const letters = new Set(Array.from({ length: 200 }, () => newId('vm', 0).slice(12)).join(''));
    expect([...letters].sort().join('')).toBe('0123456789abcdefghjkmnpqrstvwxyz');
  });
});

describe('the operation of a key', () => {
  const of = (id: string, key: string, project?: string) => operationIdOf(project ? { id, project } : { id }, key);

  it('is always the same, as rows of earlier releases know it', () => {
    expect(of('token:t', 'k')).toBe('op-yasxeksznmt1t1tf132zm8zfxe');
    expect(OperationId.parse(of('token:t', 'k'))).toBe(of('token:t', 'k', 'default'));
    expect(of('token:t', 'k', 'shop')).toBe('op-m0afrk184bfk71npz7y8fww3e2');
  });

  it.each([
    ['another key', ['token:t', 'l']],
    ['another person', ['token:u', 'k']],
    ['another project', ['token:t', 'k', 'shop']],
    ['a key that runs into the person', ['token:', 'tk']],
  ] as const)('is another one for %s', (_, [id, key, project]) => {
    expect(of(id, key, project)).not.toBe(of('token:t', 'k'));
  });
});

describe('what a VM of KVM is known by on its host', () => {
  const VM = 'vm-0123456789abcdef';

  it('is a UUID of version 5, always the same', () => {
    expect(domainUuidOf('dev', VM)).toBe('0ae5d6d6-fd80-5f76-91cf-c7603cc088b1');
    expect(domainUuidOf('prod', VM)).not.toBe(domainUuidOf('dev', VM));
    expect(domainUuidOf('dev', 'vm-0123456789abcdeg')).not.toBe(domainUuidOf('dev', VM));
  });

  it.each([
    [0, '52:54:00:9b:e6:14'],
    [1, '52:54:00:0b:59:09'],
  ])('is, for NIC %d, the address %s', (index, mac) => expect(macOf(VM, index)).toBe(mac));
});

it('a stranger has one id at every look, of its installation', () => {
  expect(strangerIdOf('dev', 'h-1/uuid')).toBe('vm-16xpaddx79ab4gff');
  expect(VmId.parse(strangerIdOf('prod', 'h-1/uuid'))).not.toBe(strangerIdOf('dev', 'h-1/uuid'));
  expect(strangerIdOf('dev', 'h-1/other')).not.toBe(strangerIdOf('dev', 'h-1/uuid'));
});

it.each([
  [{}, 'default'],
  [{ project: undefined }, 'default'],
  [{ project: 'shop' }, 'shop'],
])('%j is of project %s', (row, project) => expect(projectOf(row)).toBe(project));

describe('canonical JSON', () => {
  it.each([
    [null, 'null'],
    [undefined, 'null'],
    [1.5, '1.5'],
    ['a"b', '"a\\"b"'],
    [true, 'true'],
    [[], '[]'],
    [[3, undefined, [1]], '[3,null,[1]]'],
    [{}, '{}'],
    [{ b: 1, a: 2 }, '{"a":2,"b":1}'],
    [{ a: 1, b: undefined, c: null }, '{"a":1,"c":null}'],
    [{ b: { d: [1, { f: 1, e: 2 }], c: 'x' }, a: {} }, '{"a":{},"b":{"c":"x","d":[1,{"e":2,"f":1}]}}'],
  ])('of %j is %s', (value, text) => expect(canonical(value)).toBe(text));

  it('is JSON of the same value, however its fields are ordered', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse());
        expect(canonical(turned)).toBe(canonical(value));
        expect(JSON.parse(canonical(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { seed: 1 },
    );
  });
});

describe('a request', () => {
  const hash = (input: Parameters<typeof requestHash>[2], method = 'POST', path = '/v1/vms') =>
    requestHash(method, path, input);

  it('is the same one however it is spelt', () => {
    expect(hash({ body: { b: 1, a: 2 } })).toBe(hash({ query: {}, body: { a: 2, b: 1 } }));
    expect(hash({ query: { b: '1', a: '2' } })).toBe(hash({ query: { a: '2', b: '1' }, body: null }));
    expect(hash({})).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is another one for another method, path, query or body', () => {
    const hashes = [
      hash({}),
      hash({}, 'DELETE'),
      hash({}, 'POST', '/v1/vms/x'),
      hash({ query: { a: '1' } }),
      hash({ body: { a: '1' } }),
      hash({ body: {} }),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it.each([
    [undefined, true],
    ['*', true],
    ['"7"', true],
    ['"6", "7"', true],
    [' "7" ', true],
    ['"6"', false],
    ['7', false],
    ['', false],
    ['"77"', false],
  ])('with If-Match %s may change version 7: %s', (ifMatch, may) => {
    expect(etagOf({ version: 7 })).toBe('"7"');
    expect(matches(ifMatch, { version: 7 })).toBe(may);
  });
});
