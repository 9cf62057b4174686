import { BlockList, isIP } from 'node:net';
import { groupsOf } from './address.ts';

/** Where a program of ours may fetch from for somebody: hosts their images, a function its feeds. */

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

/** What may be fetched from beside public hosts: names and CIDRs. */
export type Mirrors = readonly string[];

/** Their ranges, read once: whoever tells of thousands of groups asks as often. */
const rangesOf = new WeakMap<Mirrors, BlockList>();

const rangesAmong = (mirrors: Mirrors): BlockList => {
  const known = rangesOf.get(mirrors);
  if (known) return known;
  const list = listOf(mirrors.filter((mirror) => mirror.includes('/') && isIP(mirror.split('/')[0] ?? '') !== 0));
  rangesOf.set(mirrors, list);
  return list;
};

const isMirror = (host: string, family: Family | undefined, mirrors: Mirrors): boolean =>
  mirrors.includes(host) || (family !== undefined && rangesAmong(mirrors).check(host, family));

/** Why a host may not be fetched from; undefined where it may. The WHATWG parser has made octal, hex and decimal forms dotted. */
const hostRefusal = (host: string, mirrors: Mirrors): string | undefined => {
  const version = isIP(host);
  if (version === 0) {
    if (!NAME.test(host)) return `${host.slice(0, 100)} is no name of a host`;
    if (isMirror(host, undefined, mirrors)) return undefined;
    return INSIDE.test(host) || !host.includes('.') ? `${host} is a name of an internal network` : undefined;
  }
  const inner = version === 6 ? embedded(host) : undefined;
  if (inner !== undefined) return hostRefusal(inner, mirrors);
  const family: Family = version === 6 ? 'ipv6' : 'ipv4';
  if (NEVER.check(host, family)) return `${host} is a loopback, link-local, metadata or reserved address`;
  if (isMirror(host, family, mirrors)) return undefined;
  if (!PRIVATE.check(host, family) && (version === 4 || isWorldwide(host))) return undefined;
  return `${host} is a private address`;
};

/** Why nobody may be sent to this address, as a name was resolved to it; undefined where one may. */
export const addressRefusal = (address: string, mirrors: Mirrors = []): string | undefined =>
  hostRefusal(address, mirrors);

/** Name or address of a URL's host without brackets and the root's dot. */
const hostOf = ({ hostname }: URL): string =>
  hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();

const parsed = (source: string): URL | undefined => (URL.canParse(source) ? new URL(source) : undefined);

/** What is to be fetched, and from where beside the public. */
export interface Fetched {
  readonly what: 'images' | 'feeds' | 'webhooks';
  readonly mirrors: Mirrors;
}

const OR_HTTP = { images: ', or http from an allowed mirror', webhooks: ', or http to an allowed host' };

/** What is said of a text that is none. */
export const NO_URL = 'it is no URL';

/**
 * Why a URL may not be fetched; undefined where it may. Names are resolved, and redirects followed, by whoever fetches: each
 * address and each URL on the way is held to the same rules.
 */
export const urlRefusal = (source: string, { what, mirrors }: Fetched): string | undefined => {
  // Characters that parsers drop, take for a slash, or fold into others; and slashes that only some parsers miss.
  if (!/^[\x21-\x5b\x5d-\x7e]*$/.test(source)) return 'a URL is printable ASCII, without blanks and backslashes';
  const url = /^[a-z]+:\/\/[^/]/i.test(source) ? parsed(source) : undefined;
  if (!url) return NO_URL;
  const host = hostOf(url);
  const refusal = hostRefusal(host, mirrors);
  if (refusal !== undefined) return refusal;
  if (url.username !== '' || url.password !== '' || /^[^/]*\/\/[^/?#]*@/.test(source))
    return 'a URL with a password would be stored and shown';
  const family: Family | undefined = isIP(host) === 0 ? undefined : isIP(host) === 6 ? 'ipv6' : 'ipv4';
  const isListed = isMirror(host, family, mirrors);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isListed))
    return `only https${what === 'feeds' ? '' : OR_HTTP[what]}`;
  return isWebPort(url.port) || isListed
    ? undefined
    : `port ${url.port} is not for ${what}: 443, 80, or 1024 and above`;
};
