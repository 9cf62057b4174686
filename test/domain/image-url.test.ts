import { describe, expect, it } from 'vitest';
import { assertFetchable } from '../../lambdas/domain/image-url.ts';

/** Beside it, test/host/test_ssrf.py drives the host's own fetcher: names that resolve to an inside, redirects, rebinding. */
const MIRRORS = ['10.20.0.0/16', 'mirror.corp.internal', 'fd12:3456::/32', '127.0.0.0/8', '169.254.0.0/16'];

describe('an image', () => {
  it.each([
    'https://cloud.debian.org/images/debian-12.qcow2',
    'https://8.8.8.8/x.qcow2',
    'https://[2606:4700::1]/x.qcow2',
    'https://10.20.3.4/x.qcow2',
    'http://10.20.3.4/x.qcow2',
    'https://[::ffff:10.20.3.4]/x.qcow2',
    'https://[fd12:3456::7]:8443/x.qcow2',
    'http://mirror.corp.internal/x.qcow2',
    '/srv/images/x.qcow2',
  ])('may be fetched from %s', (source) => {
    expect(() => assertFetchable(source, MIRRORS)).not.toThrow();
  });

  it.each([
    'https://127.0.0.1/x',
    'https://127.1/x',
    'https://2130706433/x',
    'https://0x7f000001/x',
    'https://0177.0.0.1/x',
    'https://0/x',
    'https://localhost/x',
    'https://localhost./x',
    'https://a.localhost/x',
    'https://169.254.169.254/latest/meta-data',
    'https://0xa9fea9fe/x',
    'https://2852039166/x',
    'https://metadata.google.internal/x',
    'https://100.100.100.200/x',
    'https://[::1]/x',
    'https://[::]/x',
    'https://[fe80::1]/x',
    'https://[fd00:ec2::254]/x',
    'https://[::ffff:169.254.169.254]/x',
    'https://[::ffff:7f00:1]/x',
    'https://[64:ff9b::a9fe:a9fe]/x',
    'https://[2002:a9fe:a9fe::1]/x',
    'https://[::7f00:1]/x',
    'https://10.0.0.1/x',
    'https://172.16.0.1/x',
    'https://192.168.1.1/x',
    'https://100.64.0.1/x',
    'https://[fc00::1]/x',
    'https://[::ffff:192.168.1.1]/x',
    'https://printer/x',
    'https://nas.local/x',
    'https://user:secret@example.org/x',
    'http://example.org/x',
    'ftp://example.org/x',
    'file:///etc/shadow',
    'javascript:alert(1)',
    'gopher://127.0.0.1/x',
    'x.qcow2',
    'https://localhost../x',
    'https://127.0.0.1../x',
    'https://a..example.org/x',
    'https://example.org\\@127.0.0.1/x',
    'https:example.org/x',
    'https:///example.org/x',
    'https://@example.org/x',
    'https://exa mple.org/x',
    'https://127。0。0。1/x',
    'https://１２７.0.0.1/x',
    'https://ⓛocalhost/x',
    'https://0x7f.1/x',
    'https://[::ffff:0:7f00:1]/x',
    'https://[64:ff9b:1::7f00:1]/x',
    'https://[2001:0:7f00:1::1]/x',
    'https://[2001:db8::1]/x',
    'https://[4000::1]/x',
    'https://[100::1]/x',
    'https://[fe80::1%25eth0]/x',
    'https://[::1/x',
    'https://[ff02::1]/x',
    'https://224.0.0.1/x',
    'https://255.255.255.255/x',
    'https://198.18.0.1/x',
    'https://168.63.129.16/x',
    'https://192.0.0.192/x',
    'https://nas.lan/x',
    'https://kubernetes.default.svc.cluster.local/x',
    'https://example.org:22/x',
    'https://example.org:25/x',
    'https://example.org:0/x',
    'https://example.org:99999/x',
    'https://example.org%00.evil/x',
    'https://example.org%2f@127.0.0.1/x',
    'dict://127.0.0.1:11211/x',
    'data:text/plain,x',
    'https://127.0.0.1:8443/x#@example.org',
    'x.qcow2',
    '/srv/../etc/shadow',
    '/srv/x;reboot',
    '/srv/{{x}}',
    '//evil.example/x',
    'https://',
    '',
  ])('may not be fetched from %s', (source) => {
    expect(() => assertFetchable(source, MIRRORS)).toThrow(
      expect.objectContaining({ name: 'ImageUrlRefused', errors: [expect.objectContaining({ pointer: '/source' })] }),
    );
  });

  it('is not fetched from a private address where no mirror is allowed', () => {
    expect(() => assertFetchable('https://10.20.3.4/x', [])).toThrow(/allowed mirrors/);
  });
});
