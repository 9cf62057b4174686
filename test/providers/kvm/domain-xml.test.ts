import fc from 'fast-check';
import { XMLParser } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import type { DomainModel } from '../../../lambdas/providers/kvm/domain-model.ts';
import { domainXml } from '../../../lambdas/providers/kvm/domain-xml.ts';
import { useDomainGrammar } from '../../support/domain-grammar.ts';

const POOL = '/var/lib/libvirt/images/novacron/dev';

const model = (changes: Partial<DomainModel> = {}): DomainModel => ({
  uuid: '2ba9e0b4-5d58-5b9b-8cf0-26e0c5e1a111',
  name: 'web-1-abcdef',
  title: 'web-1',
  mark: {
    installation: 'dev',
    vmId: 'vm-0123456789abcdef',
    operationId: 'op-0123456789abcdefghjkmnpqrs',
    ready: 'auto',
    readyTimeoutSeconds: 300,
  },
  accel: 'kvm',
  machine: 'q35',
  vcpus: 2,
  memoryMiB: 2048,
  disks: [{ path: `${POOL}/disks/vm-0123456789abcdef-0.qcow2`, format: 'qcow2' }],
  seed: `${POOL}/seeds/vm-0123456789abcdef.iso`,
  nics: [{ mac: '52:54:00:01:02:03', network: 'default' }],
  console: `${POOL}/disks/vm-0123456789abcdef.console.log`,
  ...changes,
});

const validate = useDomainGrammar();

const read = (xml: string) =>
  new XMLParser({ ignoreAttributes: false, parseTagValue: false, trimValues: false }).parse(xml);

describe('a domain definition', { timeout: 60_000 }, () => {
  it.each([
    ['q35 under kvm', model()],
    ['pc under tcg', model({ machine: 'pc', accel: 'tcg' })],
  ])('of %s is this text', (_, given) => expect(domainXml(given)).toMatchSnapshot());

  it.each([
    ['without a NIC', model({ nics: [] })],
    ['with twenty disks', model({ disks: Array(20).fill({ path: `${POOL}/disks/x.raw`, format: 'raw' }) })],
    ['ready by port', model({ mark: { ...model().mark, ready: 'port:22' } })],
    ['of the least size', model({ vcpus: 1, memoryMiB: 16 })],
    ['on pc under kvm', model({ machine: 'pc' })],
    ['on q35 under tcg', model({ accel: 'tcg' })],
  ])('%s is valid for libvirt', (_, given) => expect(() => validate(domainXml(given))).not.toThrow());

  it('that is misspelt would be refused by the grammar', () => {
    expect(() => validate(domainXml(model()).replace('memballoon', 'memballon'))).toThrow();
  });

  it('carries hostile text as text, valid for libvirt', () => {
    const hostile = fc
      .string({ unit: fc.constantFrom(...'<>&"\'{}$`;|\\/%!?]-[ äß漢😀aZ0'), minLength: 1, maxLength: 120 })
      .filter((text) => text.trim() !== '');
    fc.assert(
      fc.property(hostile, hostile, (title, network) => {
        const xml = domainXml(model({ title, nics: [{ mac: '52:54:00:01:02:03', network }] }));
        validate(xml);
        const { domain } = read(xml);
        expect(domain.title).toBe(title);
        expect(domain.devices.interface.source['@_network']).toBe(network);
        expect(Object.keys(domain.devices).sort()).toEqual(Object.keys(read(domainXml(model())).domain.devices).sort());
      }),
      { numRuns: 200 },
    );
  });

  it('refuses control characters, wherever they stand', () => {
    const control = fc.constantFrom(
      '\0',
      '\n',
      '\r',
      '\t',
      '\x1b',
      '\x7f',
      '\x85',
      '\u2028',
      '\uFFFE',
      '\uFFFF',
      '\uD800',
    );
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), control, fc.string({ maxLength: 20 }), (before, bad, after) => {
        expect(() => domainXml(model({ title: `${before}${bad}${after}` }))).toThrow();
        expect(() =>
          domainXml(model({ nics: [{ mac: '52:54:00:01:02:03', network: `${before}${bad}${after}` }] })),
        ).toThrow();
      }),
    );
  });

  it.each([
    ['a path that climbs out by quoting', { console: '/var/lib/x" y="' }],
    ['a relative path', { seed: 'seeds/a.iso' }],
    ['a foreign MAC', { nics: [{ mac: '00:16:3e:00:00:01', network: 'default' }] }],
    ['a name for options', { name: '-x' }],
    ['a blank title', { title: '  ' }],
    ['no disk', { disks: [] }],
  ])('refuses %s', (_, changes) => expect(() => domainXml(model(changes))).toThrow());

  it('is written at least 1,000 times in a second of CPU', () => {
    // CPU time: a busy machine takes longer, and says nothing of this code.
    const before = process.cpuUsage();
    for (let count = 0; count < 1000; count += 1) domainXml(model());
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(1000);
  });
});
