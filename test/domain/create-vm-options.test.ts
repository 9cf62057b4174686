import { describe, expect, it } from 'vitest';
import { ec2, type Field, kvm, takes, wordsOf } from '../support/create-bodies.ts';

/** What only one provider understands. */
const FIELDS: readonly Field[] = [
  [
    'kvm/network',
    (network) => kvm({ kvm: { network } }),
    ['default', '_a', '9', 'A.b_c-d', `a${'.'.repeat(62)}`],
    ['', '-a', '.a', 'a b', 'a;b', 'a\n', `a${'.'.repeat(63)}`],
  ],
  [
    'kvm/host',
    (host) => kvm({ kvm: { host } }),
    ['a', 'rack-1', `a${'9'.repeat(62)}`],
    ['', '1a', 'A', 'a_b', 'a\n', `a${'9'.repeat(63)}`],
  ],
  ['kvm/hostTags', (hostTags) => kvm({ kvm: { hostTags } }), [{ a: 'b' }], [{ '': 'b' }]],
  [
    'ec2/subnetId',
    (subnetId) => ec2({ ec2: { subnetId } }),
    ['subnet-0123abcd', `subnet-${'f'.repeat(17)}`],
    ['', 'subnet-', 'sg-0123abcd', 'subnet-0123abc', 'subnet-0123abcg', `subnet-${'f'.repeat(18)}`, 'xsubnet-0123abcd'],
  ],
  [
    'ec2/securityGroupIds',
    (securityGroupIds) => ec2({ ec2: { securityGroupIds } }),
    [['sg-0123abcd'], Array(16).fill('sg-0123abcd')],
    [[], ['subnet-0123abcd'], Array(17).fill('sg-0123abcd')],
  ],
  [
    'ec2/keyName',
    (keyName) => ec2({ ec2: { keyName } }),
    ['k', 'k'.repeat(255)],
    ['', 'k'.repeat(256), 'a\nb', '{{k}}'],
  ],
  [
    'ec2/launchTemplate',
    (launchTemplate) => ec2({ ec2: { launchTemplate } }),
    ['abc', 'a()./_-Z9', 'lt-0123abcd:1', 'lt-:12345', 'web:$Default', 'web:$Latest', 'x'.repeat(128)],
    ['ab', 'a b c', 'abc:', 'abc:x', 'abc:123456', 'abc:$latest', 'abc:$Latestx', 'x'.repeat(129), ' abc', '$abc'],
  ],
  [
    'ec2/volumes/0/device',
    (device) => ec2({ ec2: { volumes: [{ device, sizeGiB: 1 }] } }),
    ['/dev/sdf', 'sdf', 'xvdba', '/dev/xvdf', 'sdf12'],
    ['', '/dev/', '/dev/hda', 'sd', 'sd1', 'sdf123', '/tmp/sdf', ' sdf', 'sdF', 'sdf_'],
  ],
  [
    'ec2/volumes/0/sizeGiB',
    (sizeGiB) => ec2({ ec2: { volumes: [{ device: 'sdf', sizeGiB }] } }),
    [1, 65_536],
    [0, 65_537, 1.5],
  ],
  [
    'ec2/volumes/0/type',
    (type) => ec2({ ec2: { volumes: [{ device: 'sdf', sizeGiB: 1, type }] } }),
    ['gp3', 'gp2', 'io1', 'io2', 'st1', 'sc1'],
    ['', 'standard'],
  ],
  [
    'ec2/volumes',
    (count) => ec2({ ec2: { volumes: Array(count).fill({ device: 'sdf', sizeGiB: 1 }) } }),
    [0, 20],
    [21],
  ],
];

describe.each(FIELDS)('the option %s', (_, body, good, bad) => {
  it.each(good.map((value) => [value]))('takes %j', (value) => expect(takes(body(value))).toBe(true));
  it.each(bad.map((value) => [value]))('refuses %j, never without a word', (value) => {
    const words = wordsOf(body(value));
    expect(words).not.toEqual([]);
    for (const word of words) expect(word).not.toBe('');
  });
});
