import { describe, expect, it } from 'vitest';
import { assertFetchable } from '../../lambdas/domain/image-url.ts';

const MIRRORS = ['10.20.0.0/16', 'mirror.corp.internal', 'fd12:3456::/32', '192.168.7.7', 'mirror'];

/** Why a source is refused; nothing where it is not. */
const refusal = (source: string, mirrors = MIRRORS): string | undefined => {
  try {
    assertFetchable(source, mirrors);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : 'no error';
  }
};
const ofHost = (host: string) => refusal(`https://${host.includes(':') ? `[${host}]` : host}/x`);

describe('reserved addresses', () => {
  it.each([
    ['0.0.0.0', '0.255.255.255', '1.0.0.0'],
    ['127.0.0.0', '127.255.255.255', '128.0.0.0'],
    ['169.254.0.0', '169.254.255.255', '169.255.0.0'],
    ['192.0.0.0', '192.0.0.255', '192.0.1.0'],
    ['192.0.2.0', '192.0.2.255', '192.0.3.0'],
    ['192.88.99.0', '192.88.99.255', '192.88.100.0'],
    ['198.51.100.0', '198.51.100.255', '198.51.101.0'],
    ['203.0.113.0', '203.0.113.255', '203.0.114.0'],
    ['224.0.0.0', '255.255.255.255', '223.255.255.255'],
    ['100.100.100.200', '100.100.100.200', '8.8.8.8'],
    ['168.63.129.16', '168.63.129.16', '168.63.129.17'],
    ['::', '::1', '2000::1'],
    ['fe80::', 'febf:ffff::1', '3fff::1'],
    ['ff00::', 'ffff::1', '2606:4700::1'],
    ['fd00:ec2::', 'fd00:ec2:ffff::1', '2a00::1'],
    ['2001::1', '2001:0:ffff::1', '2001:1::1'],
    ['2001:db8::', '2001:db8:ffff::1', '2001:db9::1'],
    ['::7f00:1', '::ffff:127.0.0.1', '::ffff:8.8.8.8'],
    ['64:ff9b::127.0.0.1', '64:ff9b::a9fe:a9fe', '64:ff9b::8.8.8.8'],
    ['2002:7f00:1::', '2002:a9fe:a9fe::1', '2002:808:808::1'],
  ])('from %s to %s are never fetched from; %s is', (first, last, beyond) => {
    expect(ofHost(first)).toMatch(/is a loopback, link-local, metadata or reserved address\.$/);
    expect(ofHost(last)).toMatch(/reserved address\.$/);
    expect(ofHost(beyond)).toBeUndefined();
  });
});

describe('private addresses', () => {
  it.each([
    ['10.0.0.0', '10.255.255.255', '11.0.0.0'],
    ['172.16.0.0', '172.31.255.255', '172.32.0.0'],
    ['192.168.0.0', '192.168.255.255', '192.169.0.0'],
    ['100.64.0.0', '100.127.255.255', '100.128.0.0'],
    ['198.18.0.0', '198.19.255.255', '198.20.0.0'],
    ['fc00::1', 'fdff::1', '2000::1'],
    ['fec0::1', 'feff::1', '2000::1'],
    ['4000::1', '1fff::1', '3fff::1'],
    ['::ffff:10.0.0.1', '2002:a00:1::', '2002:808:808::'],
  ])('from %s to %s are fetched from by mirrors’ leave alone; %s is', (first, last, beyond) => {
    for (const host of [first, last]) expect(ofHost(host)).toMatch(/is a private address, and not one of the allowed/);
    expect(ofHost(beyond)).toBeUndefined();
  });

  it.each(['10.20.0.0', '10.20.255.255', 'fd12:3456::', 'fd12:3456:ffff::1', '192.168.7.7', '::ffff:10.20.1.1'])(
    'that a mirror allows are fetched from: %s',
    (host) => expect(ofHost(host)).toBeUndefined(),
  );

  it.each(['10.19.255.255', '10.21.0.0', 'fd12:3457::1', '192.168.7.8'])('and no neighbours: %s', (host) => {
    expect(ofHost(host)).toMatch(/private/);
  });

  it('are not all allowed by a mirror of another family, or by a name', () => {
    expect(refusal('https://10.20.3.4/x', ['fd12:3456::/32', 'mirror/10', 'x/y'])).toMatch(/private/);
    expect(refusal('https://[fd12:3456::1]/x', ['10.20.0.0/16'])).toMatch(/private/);
  });
});

describe('names', () => {
  const INSIDE = [
    'localhost',
    'local',
    'internal',
    'localdomain',
    'home.arpa',
    'instance-data',
    'lan',
    'corp',
    'home',
    'intranet',
    'private',
  ];

  it.each(INSIDE)('of an inside are refused: %s', (name) => {
    for (const host of [name, `a.${name}`, `a.b.${name}`, `A.${name.toUpperCase()}.`]) {
      expect(ofHost(host), host).toMatch(/is a name of an internal network\.$/);
    }
    for (const host of [`${name}.example.org`, `x.y${name}`]) expect(ofHost(host), host).toBeUndefined();
  });

  it.each([
    'example.org',
    'a_b.example.org',
    'xn--bcher-kva.example',
    `${'a'.repeat(63)}.org`,
    '9.example.org',
    'EXAMPLE.org.',
  ])('of the world are fetched from: %s', (host) => expect(ofHost(host)).toBeUndefined());

  it.each(['a..example.org', `${'a'.repeat(64)}.org`, 'a.example.org..', 'a$b.example.org', '.example.org', 'a!.org'])(
    'that are none are refused: %s',
    (host) => expect(ofHost(host)).toMatch(/is no name of a host\.$/),
  );

  it('without a dot are somebody’s inside, but for a mirror', () => {
    expect(ofHost('printer')).toMatch(/internal network/);
    expect(ofHost('mirror')).toBeUndefined();
    expect(ofHost(`${'a$'.repeat(99)}.org`)?.length).toBeLessThan(140);
  });
});

describe('protocols, ports and passwords', () => {
  it.each([
    'https://example.org',
    'HTTPS://example.org/x',
    'https://example.org:443/x',
    'https://example.org:80/x',
    'https://example.org:1024/x',
    'https://example.org:65535/x',
    'https://example.org/a@b',
    'https://example.org?a=b@c',
    'https://example.org/#a@b',
    'http://mirror.corp.internal:22/x',
    'http://10.20.3.4:81/x',
    'https://10.20.3.4:25/x',
    'http://[fd12:3456::1]:81/x',
  ])('are fetched: %s', (source) => expect(refusal(source)).toBeUndefined());

  it.each([
    ['https://example.org:1023/x', 'port 1023 is not for images: 443, 80, or 1024 and above.'],
    ['https://example.org:81/x', 'port 81 is not for images: 443, 80, or 1024 and above.'],
    ['https://8.8.8.8:22/x', 'port 22 is not for images: 443, 80, or 1024 and above.'],
    ['http://example.org/x', 'only https, or http from an allowed mirror.'],
    ['http://8.8.8.8/x', 'only https, or http from an allowed mirror.'],
    ['ftp://mirror.corp.internal/x', 'only https, or http from an allowed mirror.'],
    ['https://user@example.org/x', 'a URL with a password would be stored and shown.'],
    ['https://:secret@example.org/x', 'a URL with a password would be stored and shown.'],
    ['https://@example.org/x', 'a URL with a password would be stored and shown.'],
    ['https://:@example.org/x', 'a URL with a password would be stored and shown.'],
    ['https://exa mple.org/x', 'a URL is printable ASCII, without blanks and backslashes.'],
    ['https://example.org/x\\y', 'a URL is printable ASCII, without blanks and backslashes.'],
    ['https://example.org/ä', 'a URL is printable ASCII, without blanks and backslashes.'],
    ['https://example.org/x\n', 'a URL is printable ASCII, without blanks and backslashes.'],
    [' https://example.org/x', 'a URL is printable ASCII, without blanks and backslashes.'],
    ['https:///example.org', 'the source is neither an absolute path on the hosts nor a URL.'],
    ['https:/example.org', 'the source is neither an absolute path on the hosts nor a URL.'],
    ['x/https://example.org', 'the source is neither an absolute path on the hosts nor a URL.'],
    ['https://[::1/x', 'the source is neither an absolute path on the hosts nor a URL.'],
  ])('are refused, with the reason: %s', (source, words) => expect(refusal(source)).toBe(words));

  it('points to the field', () => {
    expect(() => assertFetchable('x', [])).toThrow(
      expect.objectContaining({
        name: 'ImageUrlRefused',
        errors: [{ pointer: '/source', detail: 'the source is neither an absolute path on the hosts nor a URL' }],
      }),
    );
  });
});

describe('a path', () => {
  it.each(['/x', '/srv/images/x.qcow2', '/a..b/c', '/A-Z_@+0/.x', '/...'])('may be %s', (path) => {
    expect(refusal(path)).toBeUndefined();
  });

  it.each(['/', '//', '/a/', '/a//b', '/..', '/a/../b', '/a/..', '/a b', '/a;b', '/ä', '/a\n', '/a:b'])(
    'may not be %j',
    (path) => expect(refusal(path)).toBe('a path is absolute, of letters, digits and ._@+-, without ...'),
  );
});
