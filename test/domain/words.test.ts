import { describe, expect, it } from 'vitest';
import { Grant, grantOf } from '../../lambdas/domain/grant.ts';
import { HostId, ImageId, Instant, Name, OperationId, TokenId, VmId } from '../../lambdas/domain/ids.ts';
import { isPlain, PlainText } from '../../lambdas/domain/plain-text.ts';
import { InstanceType } from '../../lambdas/domain/size.ts';
import { ProviderName, ReadyPolicy, Tags } from '../../lambdas/domain/vm.ts';
import { VmState } from '../../lambdas/domain/vm-state.ts';

/** Sixteen characters, with the last ones before each letter that base 32 leaves out. */
const SERIAL = '09ahjkmnptvz0000';
const LONGEST_NAME = `a${'9'.repeat(62)}`;

const CASES = [
  ['id of a VM', VmId, [`vm-${SERIAL}`], [`h-${SERIAL}`, `vm-${SERIAL}0`, `xvm-${SERIAL}`, `vm-${SERIAL.slice(1)}`]],
  ['id of a host', HostId, [`h-${SERIAL}`], [`vm-${SERIAL}`, `h-${SERIAL.slice(1)}i`, `h-${SERIAL}\n`]],
  ['id of an image', ImageId, [`img-${SERIAL}`], [`img-${SERIAL.slice(1)}l`, `img-${SERIAL.slice(1)}o`, 'ami-1']],
  ['id of a token', TokenId, [`tok-${SERIAL}`], [`tok-${SERIAL.slice(1)}u`, `tok-${SERIAL.slice(1)}A`]],
  [
    'id of an operation',
    OperationId,
    [`op-${SERIAL}0123456789`],
    [`op-${SERIAL}`, `op-${SERIAL}012345678i`, `xop-${SERIAL}0123456789`, `op-${SERIAL}0123456789a`],
  ],
  [
    'instant',
    Instant,
    ['2026-11-25T10:00:00.000Z'],
    [
      '2026-11-25T10:00:00Z',
      '2026-11-25T10:00:00.000000Z',
      '2026-11-25T10:00:00.000+01:00',
      '2026-11-31T10:00:00.000Z',
    ],
  ],
  ['name', Name, ['a', 'web-1', LONGEST_NAME], ['', '1a', '-a', 'A', 'a_b', 'a.b', `${LONGEST_NAME}9`, 'a\n', ' a']],
  [
    'ready policy',
    ReadyPolicy,
    ['auto', 'agent', 'address', 'running', 'port:1', 'port:22', 'port:65535'],
    ['', 'port', 'port:', 'port:0', 'port:022', 'port:123456', 'port:22 ', 'xport:22', 'port:a'],
  ],
  [
    'state of a VM',
    VmState,
    [
      ...['pending', 'running', 'stopping', 'stopped', 'suspended', 'saved', 'migrating'],
      ...['deleting', 'deleted', 'error', 'lost', 'unknown'],
    ],
    ['', 'paused'],
  ],
  ['provider', ProviderName, ['ec2', 'kvm'], ['', 'fake']],
  [
    'instance type',
    InstanceType,
    ['t3.small', 'u-6tb1.metal', 'm7i.metal-24xl', 'a.b'],
    ['', '3t.small', 't3', 't3.', 't3.Small', 't3.small.x', '.small', 't_3.small', ' t3.small', `t3.${'a'.repeat(30)}`],
  ],
  [
    'grant',
    Grant,
    ['viewer', 'operator', 'admin', 'shop:viewer', `${LONGEST_NAME}:admin`],
    [
      '',
      'host',
      'shop:host',
      ':admin',
      'Shop:admin',
      '1:admin',
      `${LONGEST_NAME}9:admin`,
      'admin2',
      'xadmin',
      'a:b:admin',
    ],
  ],
  [
    'plain text',
    PlainText(5),
    ['a', 'a {b}', '$(x)', '<&>"', '„ö“'],
    ['', 'sechse', 'a\nb', '\u0000', '\u009f', '\ud800', '{{', '}}'],
  ],
] as const;

describe.each(CASES)('%s', (_, schema, good, bad) => {
  it.each(good)('%j is one', (text) => expect(schema.parse(text)).toBe(text));
  it.each(bad)('%j is none', (text) => expect(schema.safeParse(text).success).toBe(false));
});

it('says what a name is to whom it refuses', () => {
  expect(Name.safeParse('1').error?.issues).toMatchObject([{ message: expect.stringContaining('1 to 63 characters') }]);
});

describe('tags', () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 'v']));

  it.each<[string, Record<string, string>]>([
    ['of none', {}],
    ['of an empty value', { env: '' }],
    ['of the longest key and value', { ['k'.repeat(128)]: 'v'.repeat(256) }],
    ['of all characters that EC2 knows', { 'Ä 1_.:/=+@-': 'ß 2_.:/=+@-' }],
    ['that only look like reserved ones', { 'xaws:a': 'b', awsome: 'c', novacron: 'd' }],
    ['of forty', many(40)],
  ])('may be %s', (_, tags) => expect(Tags.parse(tags)).toEqual(tags));

  it.each<[string, Record<string, string>]>([
    ['an empty key', { '': 'a' }],
    ['a key too long', { ['k'.repeat(129)]: 'v' }],
    ['a value too long', { k: 'v'.repeat(257) }],
    ['a key of AWS', { 'aws:x': 'v' }],
    ['a key of ours', { 'novacron:vm': 'v' }],
    ['a key with other characters', { 'a;b': 'v' }],
    ['a key that begins with other characters', { ';b': 'v' }],
    ['a key that ends with other characters', { 'b;': 'v' }],
    ['a value with other characters', { k: 'a;b' }],
    ['a parameter of a document as value', { k: 'a {{b}}' }],
    ['a value over two lines', { k: 'a\nb' }],
    ['forty-one of them', many(41)],
  ])('are not %s', (_, tags) => expect(Tags.safeParse(tags).success).toBe(false));
});

describe('a grant', () => {
  it.each([
    ['viewer', { project: 'default', role: 'viewer', system: false }],
    ['operator', { project: 'default', role: 'operator', system: false }],
    ['admin', { project: 'default', role: 'admin', system: true }],
    ['shop:admin', { project: 'shop', role: 'admin', system: false }],
    ['default:admin', { project: 'default', role: 'admin', system: false }],
  ])('%s gives %j', (grant, given) => expect(grantOf(grant)).toEqual(given));

  it.each(['', ':admin', 'shop:', 'shop:owner', 'Shop:admin'])('%j gives nothing', (grant) => {
    expect(() => grantOf(grant)).toThrow();
  });
});

it.each([
  ['', true],
  ['a {{b}}', true],
  ['\t', false],
  ['\u007f', false],
  ['a\udfff', false],
  ['😀', true],
])('%j is plain: %s', (text, plain) => expect(isPlain(text)).toBe(plain));
