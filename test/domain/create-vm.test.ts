import { describe, expect, it } from 'vitest';
import { CreateVm } from '../../lambdas/domain/create-vm.ts';
import { ec2, type Field, kvm, takes, wordsOf } from '../support/create-bodies.ts';

/** Where a refusal points, as the API tells it. */
const pointersOf = (body: object): string[] =>
  (CreateVm.safeParse(body).error?.issues ?? []).map(({ path }) => path.join('/')).sort();

it('fills in what is not said', () => {
  expect(CreateVm.parse(kvm())).toEqual({
    ...kvm(),
    ready: 'auto',
    readyTimeoutSeconds: 300,
    sshKeys: [],
    tags: {},
    deletionProtection: false,
    installAgent: false,
  });
  expect(CreateVm.parse(ec2({ ec2: { volumes: [{ device: 'sdf', sizeGiB: 1 }] } })).ec2?.volumes).toEqual([
    { device: 'sdf', sizeGiB: 1, type: 'gp3' },
  ]);
});

it.each([
  ['kvm', kvm({ size: 'small', diskGiB: 20, kvm: { network: 'lan', host: 'rack-1', hostTags: { rack: '1' } } })],
  ['kvm, by shape', kvm({ vcpus: 2, memoryMiB: 512, hostname: 'db.example.org', userData: '#cloud-config {{x}}' })],
  [
    'ec2',
    ec2({
      type: ['t3.small', 'm5.large'],
      ...{ region: 'eu-central-1', zone: 'eu-central-1a', account: '123456789012' },
      ec2: {
        subnetId: 'subnet-0123abcd',
        securityGroupIds: ['sg-0123abcd'],
        keyName: 'key of Ada',
        launchTemplate: 'lt-0123abcd:3',
        volumes: [{ device: '/dev/sdf', sizeGiB: 8, type: 'io2' }],
      },
    }),
  ],
])('keeps all that is said of a VM on %s', (_, body) => expect(CreateVm.parse(body)).toMatchObject(body));

const label = `a${'b'.repeat(61)}c`;
const key = 'AAAAC3NzaC1lZDI1NTE5+/';

const FIELDS: readonly Field[] = [
  [
    'image',
    (image) => kvm({ image }),
    ['a', 'debian-12', 'ami-0123abcd', 'ubuntu-24.04', `a${'9'.repeat(62)}`],
    ['', '1a', 'A', 'a/b', 'a_b', 'a\n', `a${'9'.repeat(63)}`],
  ],
  ['size', (size) => kvm({ size }), ['small', '2xlarge', 'x'.repeat(32)], ['', 'Small', 'a b', 'a-b', 'x'.repeat(33)]],
  [
    'type',
    (type) => ec2({ type }),
    ['t3.small', ['t3.small'], Array(10).fill('t3.small')],
    ['t3', [], ['t3'], Array(11).fill('t3.small')],
  ],
  ['vcpus', (vcpus) => kvm({ vcpus, memoryMiB: 64 }), [1, 256], [0, 257, 1.5, '1']],
  ['memoryMiB', (memoryMiB) => kvm({ vcpus: 1, memoryMiB }), [64, 4_194_304], [63, 4_194_305, 64.5]],
  ['diskGiB', (diskGiB) => kvm({ diskGiB }), [1, 65_536], [0, 65_537, 1.5]],
  ['ready', (ready) => kvm({ ready }), ['agent', 'port:22'], ['port:0', 'soon']],
  ['readyTimeoutSeconds', (readyTimeoutSeconds) => kvm({ readyTimeoutSeconds }), [10, 3600], [9, 3601, 10.5]],
  [
    'hostname',
    (hostname) => kvm({ hostname }),
    ['a', '7', 'web-1', 'db.example.org', 'a.b', label, `${label}.${label}.${label}.${'a'.repeat(61)}`],
    [
      ...['', '-a', 'a-', 'a.-b', 'a.b-', 'A', 'a_b', 'a..b', '.a', 'a.', 'a\n', `${label}c`, `a.${label}c`],
      `${label}.${label}.${label}.${'a'.repeat(62)}`,
    ],
  ],
  [
    'sshKeys',
    (one) => kvm({ sshKeys: [one] }),
    [
      ...['ssh-ed25519', 'ssh-rsa', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'],
      ...['sk-ssh-ed25519@openssh.com', 'sk-ecdsa-sha2-nistp256@openssh.com'],
    ]
      .map((kind) => `${kind} ${key}`)
      .concat(
        `ssh-rsa ${key}=`,
        `ssh-rsa ${key}===`,
        `ssh-rsa ${key} Ada Lovelace <ada@example.org>`,
        `ssh-rsa ${key} `,
      ),
    [
      ...[`ssh-dss ${key}`, 'ssh-rsa ', 'ssh-rsa', `ssh-rsa ${key}====`, `ssh-rsa ${key}!`, `ssh-rsa !${key}`],
      ...[` ssh-rsa ${key}`, `ssh-rsa  ${key}`, `ssh-rsa ${key} a\nssh-rsa ${key}`, `ssh-rsa ${key} {{x}}`],
      ...[`command="x" ssh-rsa ${key}`, `sk-ssh-ed25519 ${key}`, `sk-ssh-ed25519@opensshXcom ${key}`],
      ...[`ssh-rsa ${key} \u0007`, `ssh-rsa ${'A'.repeat(4096)}`, `ecdsa-sha2-nistp255 ${key}`],
    ],
  ],
  [
    'sshKeys',
    (sshKeys) => kvm({ sshKeys }),
    [[], Array(50).fill(`ssh-rsa ${key}`)],
    [Array(51).fill(`ssh-rsa ${key}`)],
  ],
  [
    'userData',
    (userData) => kvm({ userData }),
    ['x', '{{x}}\u0000', 'x'.repeat(16_384), 'ä'.repeat(8192)],
    ['', 'x'.repeat(16_385), 'ä'.repeat(8193)],
  ],
  ['tags', (tags) => kvm({ tags }), [{ a: 'b' }], [{ 'aws:a': 'b' }]],
  [
    'region',
    (region) => ec2({ region }),
    ['eu-central-1', 'us-gov-west-1'],
    [
      '',
      'eu-1',
      'eu-central',
      'eu-central-1a',
      'eu-central-12',
      'EU-central-1',
      'xeu-central-1',
      'eu--1',
      'eu-Central-1',
    ],
  ],
  [
    'zone',
    (zone) => ec2({ zone }),
    ['eu-central-1a', 'us-gov-west-1b', 'us-east-1a-bos-1'],
    [
      '',
      'eu-central-1',
      'eu-central-a',
      'xeu-central-1a',
      'eu-central-1A',
      'eu-central-1a-',
      'eu-central-1a-B',
      'e-central-1a',
    ],
  ],
  [
    'account',
    (account) => ec2({ account }),
    ['123456789012'],
    ['', '12345678901', '1234567890123', '12345678901x', ' 123456789012'],
  ],
];

describe.each(FIELDS)('the field %s', (_, body, good, bad) => {
  it.each(good.map((value) => [value]))('takes %j', (value) => expect(takes(body(value))).toBe(true));
  it.each(bad.map((value) => [value]))('refuses %j, never without a word', (value) => {
    const words = wordsOf(body(value));
    expect(words).not.toEqual([]);
    for (const word of words) expect(word).not.toBe('');
  });
});

describe('what does not go together', () => {
  it.each<[object, string[]]>([
    [kvm({ ec2: {} }), ['ec2']],
    [kvm({ type: 't3.small' }), ['type']],
    [kvm({ region: 'eu-central-1' }), ['region']],
    [kvm({ zone: 'eu-central-1a' }), ['zone']],
    [kvm({ account: '123456789012' }), ['account']],
    [ec2({ kvm: {} }), ['kvm']],
    [ec2({ vcpus: 1, memoryMiB: 512 }), ['memoryMiB', 'vcpus']],
    [ec2({ size: 'small', type: 't3.small' }), ['type']],
    [kvm({ size: 'small', vcpus: 1, memoryMiB: 512 }), ['memoryMiB', 'vcpus']],
    [kvm({ vcpus: 1 }), ['memoryMiB']],
    [kvm({ memoryMiB: 512 }), ['vcpus']],
    [kvm({ colour: 'red' }), ['']],
    [kvm({ kvm: { bridge: 'br0' } }), ['kvm']],
    [ec2({ ec2: { userData: 'x' } }), ['ec2']],
    [ec2({ ec2: { volumes: [{ device: 'sdf', sizeGiB: 1, iops: 1 }] } }), ['ec2/volumes/0']],
  ])('in %j is told at %j', (body, pointers) => expect(pointersOf(body)).toEqual(pointers));

  it('is told in words', () => {
    expect(wordsOf(kvm({ ec2: {} }))).toEqual(['kvm has no such option']);
    expect(wordsOf(ec2({ size: 'small', type: 't3.small' }))).toEqual(['either size or type']);
    expect(wordsOf(kvm({ vcpus: 1 }))).toEqual(['vcpus and memoryMiB go together']);
  });
});
