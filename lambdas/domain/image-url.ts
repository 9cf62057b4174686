import { BlockList, isIP } from 'node:net';
import { groupsOf } from './address.ts';
import { Fault } from './faults.ts';

type Family = 'ipv4' | 'ipv6';

const listOf = (ranges: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    const family: Family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return list;
};

/** Never fetched from, whoever allows it: this host, link-local, the clouds' metadata services, multicast, reserved (RFC 6890). */
const NEVER = listOf([
  ...['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24'],
  ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4', '100.100.100.200/32', '168.63.129.16/32'],
  ...['::/128', '::1/128', 'fe80::/10', 'ff00::/8', 'fd00:ec2::/32', '2001::/32', '2001:db8::/32'],
]);

/** Only from mirrors that are allowed by name: private networks, carrier NAT, benchmarks (RFC 1918, 4193, 6598, 2544). */
const PRIVATE = listOf([
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '198.18.0.0/15'],
  ...['fc00::/7', 'fec0::/10'],
]);

/** RFC 4291: what the world can reach by IPv6 is in 2000::/3; all else is for one network or one machine. */
const isWorldwide = (address: string): boolean => ((groupsOf(address)[0] ?? 0) & 0xe000) === 0x2000;

const dotted = (high: number, low: number): string => [high >> 8, high & 255, low >> 8, low & 255].join('.');

/** The IPv4 address inside an IPv6 one: mapped, compatible, translated (NAT64) or 6to4. */
const embedded = (address: string): string | undefined => {
  const groups = groupsOf(address);
  const [first = 0, second = 0, third = 0] = groups;
  const [high = 0, low = 0] = groups.slice(6);
  if (first === 0x2002) return dotted(second, third);
  const translated = first === 0x64 && second === 0xff9b;
  const inLowPart = groups.slice(0, 5).every((group) => group === 0) && [0, 0xffff].includes(groups[5] ?? 0);
  return translated || (inLowPart && high + low > 1) ? dotted(high, low) : undefined;
};

/** Names that mean this machine, or somebody's inside. */
const INSIDE = /(^|\.)(localhost|local|internal|localdomain|home\.arpa|instance-data|lan|corp|home|intranet|private)$/;

/** Labels of a host's name. Two parsers must not read two names out of one URL, so nothing odd is left to them. */
const NAME = /^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/;

/** Where no other protocol than HTTP listens: a fetch must not speak to somebody's mail server. */
const isWebPort = (port: string): boolean => ['', '80', '443'].includes(port) || Number(port) >= 1024;

/** What an image may be fetched from beside public hosts: names and CIDRs. */
export type Mirrors = readonly string[];

const isMirror = (host: string, family: Family | undefined, mirrors: Mirrors): boolean => {
  if (mirrors.includes(host)) return true;
  const ranges = mirrors.filter((mirror) => mirror.includes('/') && isIP(mirror.split('/')[0] ?? '') !== 0);
  return family !== undefined && listOf(ranges).check(host, family);
};

/** Why a host may not be fetched from; undefined where it may. The WHATWG parser has made octal, hex and decimal forms dotted. */
const refusalOf = (host: string, mirrors: Mirrors): string | undefined => {
  const version = isIP(host);
  if (version === 0) {
    if (!NAME.test(host)) return `${host.slice(0, 100)} is no name of a host`;
    if (isMirror(host, undefined, mirrors)) return undefined;
    return INSIDE.test(host) || !host.includes('.') ? `${host} is a name of an internal network` : undefined;
  }
  const inner = version === 6 ? embedded(host) : undefined;
  if (inner !== undefined) return refusalOf(inner, mirrors);
  const family: Family = version === 6 ? 'ipv6' : 'ipv4';
  if (NEVER.check(host, family)) return `${host} is a loopback, link-local, metadata or reserved address`;
  if (isMirror(host, family, mirrors)) return undefined;
  if (!PRIVATE.check(host, family) && (version === 4 || isWorldwide(host))) return undefined;
  return `${host} is a private address, and not one of the allowed mirrors (context key imageMirrors)`;
};

const refuse = (detail: string): never => {
  throw new Fault('ImageUrlRefused', `${detail}.`, { errors: [{ pointer: '/source', detail }] });
};

const parsed = (source: string): URL => {
  // Characters that parsers drop, take for a slash, or fold into others; and slashes that only some parsers miss.
  if (!/^[\x21-\x5b\x5d-\x7e]*$/.test(source)) refuse('a URL is printable ASCII, without blanks and backslashes');
  if (!/^[a-z]+:\/\/[^/]/i.test(source)) refuse('the source is neither an absolute path on the hosts nor a URL');
  try {
    return new URL(source);
  } catch {
    return refuse('the source is neither an absolute path on the hosts nor a URL');
  }
};

/** Name or address of a URL's host without brackets and the root's dot. */
const hostOf = ({ hostname }: URL): string =>
  hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();

/**
 * Refuses what no host should fetch for us. Names are resolved, and redirects followed, by the host, which checks each
 * address by the same rules. @throws ImageUrlRefused
 */
export const assertFetchable = (source: string, mirrors: Mirrors): void => {
  if (source.startsWith('/')) {
    if (/^(\/[A-Za-z0-9._@+-]+)+$/.test(source) && !source.split('/').includes('..')) return;
    refuse('a path is absolute, of letters, digits and ._@+-, without ..');
  }
  const url = parsed(source);
  const host = hostOf(url);
  const refusal = refusalOf(host, mirrors);
  if (refusal !== undefined) refuse(refusal);
  if (url.username !== '' || url.password !== '' || /^[^/]*\/\/[^/?#]*@/.test(source))
    refuse('a URL with a password would be stored and shown');
  const family: Family | undefined = isIP(host) === 0 ? undefined : isIP(host) === 6 ? 'ipv6' : 'ipv4';
  const isListed = isMirror(host, family, mirrors);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isListed))
    refuse('only https, or http from an allowed mirror');
  if (!isWebPort(url.port) && !isListed) refuse(`port ${url.port} is not for images: 443, 80, or 1024 and above`);
};
