import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { XMLParser } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { domainUuidOf } from '../../lambdas/domain/ids.ts';
import { createPayloadOf } from '../../lambdas/providers/kvm/create-payload.ts';
import { resultOf } from '../../lambdas/providers/kvm/outcome.ts';
import { sealed } from '../../lambdas/providers/kvm/payload.ts';
import { readDocument } from '../../lib/constructs/command-document.ts';
import { documentFill } from '../../lib/document-fill.ts';
import { verbs } from '../../lib/hosts-stack.ts';
import { call, insertHost, insertImage, newHost, newImage, signIn } from '../support/api.ts';
import { casesOr, SEED } from '../support/cases.ts';
import { hostile } from '../support/corpus.ts';
import { useDomainGrammar } from '../support/domain-grammar.ts';
import { aHost, anImage, answerLine, aSpec, aVm } from '../support/kvm.ts';
import { Random } from '../support/random.ts';
import { ROOT } from '../support/run.ts';
import { StateTable } from '../support/state-table.ts';

/** Hostile text against each wall between a request and a root shell, each tried with the others off. */
const NAMES = casesOr(100_000);
const SPECS = casesOr(10_000);
const OUTPUTS = casesOr(10_000);
/** Each of these starts a shell and an interpreter. */
const WRAPPED = 400;
const OP = 'op-0123456789abcdefghjkmnpqrs';

describe(`text against the API (seed ${SEED})`, () => {
  const KEY = `ssh-ed25519 ${'A'.repeat(68)} ann`;
  const EIGHT = Array.from({ length: 8 }, (_, index) => index);
  type Pick = (pointer: string, good: string) => string;
  /** A create in which each text that could reach a host or EC2 is picked. */
  const bodyOf = (pick: Pick) => ({
    provider: 'kvm',
    name: pick('/name', 'web-1'),
    image: pick('/image', 'test'),
    hostname: pick('/hostname', 'web.example'),
    size: pick('/size', 'micro'),
    ready: pick('/ready', 'port:22'),
    region: pick('/region', 'eu-central-1'),
    zone: pick('/zone', 'eu-central-1a'),
    account: pick('/account', '123456789012'),
    sshKeys: EIGHT.map((index) => pick(`/sshKeys/${index}`, KEY)),
    tags: Object.fromEntries(EIGHT.map((index) => [`k${index}`, pick(`/tags/k${index}`, 'prod')])),
    kvm: { network: pick('/kvm/network', 'default'), host: pick('/kvm/host', 'host-1') },
    ec2: {
      subnetId: pick('/ec2/subnetId', 'subnet-0123abcd'),
      securityGroupIds: EIGHT.map((index) => pick(`/ec2/securityGroupIds/${index}`, 'sg-0123abcd')),
      launchTemplate: pick('/ec2/launchTemplate', 'lt-0123abcd:1'),
    },
  });
  /** What may pass, said in other words than the product's: by its characters, and by what it may not begin with. */
  const HARMLESS: readonly (readonly [pointer: RegExp, text: RegExp])[] = [
    [/^\/sshKeys/, /^(ssh|ecdsa|sk)[a-z0-9@.-]+ [A-Za-z0-9+/=]+( [^\p{Cc}\p{Cs}{}]*)?$/u],
    [/^\/kvm\/network/, /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/],
    [/^\/tags/, /^[\p{L}\p{N} _.:/=+@-]*$/u],
    [/^\/ready/, /^(auto|agent|address|running|port:[0-9]+)$/],
    [/^\/ec2\/launchTemplate/, /^[A-Za-z0-9()./_-]+(:([0-9]+|\$Default|\$Latest))?$/],
    [/^/, /^[a-z0-9][a-z0-9.-]*$/],
  ];
  const isHarmless = (pointer: string, text: string): boolean =>
    HARMLESS.find(([which]) => which.test(pointer))?.[1].test(text) ?? false;

  it(`${NAMES} names and fields: what passes is harmless, all else is a problem that names its field`, async () => {
    new StateTable();
    const admin = await signIn('admin');
    await insertHost(newHost());
    await insertImage(newImage());
    const random = new Random(SEED);
    let [tried, passed] = [0, 0];
    while (tried < NAMES) {
      const texts: [pointer: string, text: string][] = [];
      const body = bodyOf((pointer, good) => {
        const text = hostile(random, good);
        texts.push([pointer, text]);
        return text;
      });
      tried += texts.length;
      const got = await call('POST /v1/vms?dryRun=true', { token: admin, body });
      expect(got.status, `seed ${SEED}, case ${tried}`).toBeGreaterThanOrEqual(400);
      expect(got.status, `seed ${SEED}, case ${tried}`).toBeLessThan(500);
      if (got.status === 413) continue; // several of 10 kB each
      const refused = new Set(got.body.errors.map(({ pointer }) => pointer));
      const through = texts.filter(([pointer]) => !refused.has(pointer));
      passed += through.length;
      expect(
        through.filter(([pointer, text]) => !isHarmless(pointer, text)),
        `seed ${SEED}`,
      ).toEqual([]);
    }
    expect(passed).toBeLessThan(tried / 2);
  });

  it('names that other routes take are held to the same', async () => {
    mockClient(SSMClient);
    const table = new StateTable();
    const admin = await signIn('admin');
    const before = table.rows.size;
    const random = new Random(SEED + 1);
    const image = { source: '/srv/a.qcow2', sha256: 'a'.repeat(64) };
    let refused = 0;
    for (let count = 0; count < 300; count += 1) {
      const name = hostile(random, 'web-1');
      if (/^[a-z][a-z0-9-]{0,62}$/.test(name)) continue;
      for (const [line, body] of [
        ['POST /v1/images', { ...image, name }],
        ['POST /v1/hosts/enrol', { name }],
      ] as const) {
        expect((await call(line, { token: admin, body })).status, JSON.stringify(name)).toBe(400);
        refused += 1;
      }
      const id = encodeURIComponent(name.toWellFormed());
      // Without an id it is the list.
      if (id === '') continue;
      expect([400, 404, 405]).toContain((await call(`GET /v1/vms/${id}`, { token: admin })).status);
    }
    // The auditor is told of each refusal, and nothing else is written.
    expect(table.rows.size - before).toBe(table.of('audit').length);
    expect(refused).toBeGreaterThan(400);
  });
});

describe('text against the documents', () => {
  const fill = documentFill('test-1');
  interface Parameter {
    readonly allowedPattern: string;
    readonly interpolationType: string;
  }
  const parameters = new Map<string, Parameter>(
    verbs().flatMap((verb) => Object.entries(readDocument(verb, fill).parameters as Record<string, Parameter>)),
  );
  const GOOD: Readonly<Record<string, string>> = {
    Op: OP,
    Attempt: '12',
    NotAfter: '2026-11-25T15:00:00.000Z',
    Payload: 'eyJhIjoxfQ==',
    Digest: '0'.repeat(64),
    Unit: '1-0123456789ab',
    Domain: '4fa44310-91b3-5314-8938-157d348ec32e',
    Bytes: '65536',
    End: '-1',
    Link: '0'.repeat(64),
  };

  it(`${NAMES} texts on each of ${parameters.size} parameters: no metacharacter of any kind passes a pattern`, () => {
    expect([...parameters.keys()].sort()).toEqual(Object.keys(GOOD).sort());
    const random = new Random(SEED);
    for (const [name, { allowedPattern, interpolationType }] of parameters) {
      expect(interpolationType).toBe('ENV_VAR');
      const pattern = new RegExp(allowedPattern);
      const good = GOOD[name] ?? '';
      expect(good).toMatch(pattern);
      for (let count = 0; count < NAMES; count += 1) {
        const text = hostile(random, good);
        if (pattern.test(text)) expect(text, name).toMatch(/^(-1|[A-Za-z0-9+/][A-Za-z0-9+/=.:-]*)$/);
      }
    }
  });
});

describe('text against the XML, with no wall before it', () => {
  const validate = useDomainGrammar();
  const reader = new XMLParser({ ignoreAttributes: false, parseTagValue: false, trimValues: false });
  /** Every element and attribute by its path, without their texts. */
  const shapeOf = (node: unknown, path = ''): string[] =>
    node === null || typeof node !== 'object'
      ? [path]
      : Object.entries(node).flatMap(([key, each]) => [`${path}/${key}`, ...shapeOf(each, `${path}/${key}`)]);

  const partsOf = (text: string, network: string) => ({
    vm: aVm({ name: text }),
    spec: aSpec({ kvm: { network }, hostname: text, sshKeys: [text] }),
    host: aHost(),
    image: anImage(),
    installation: 'dev',
  });
  const wanted = shapeOf(reader.parse(createPayloadOf(partsOf('web-1', 'default'), OP).domainXml));

  it(`${SPECS} specs: refused, or exactly our elements with the text as text, of which libvirt's grammar approves`, () => {
    const random = new Random(SEED);
    let [refused, validated] = [0, 0];
    for (let count = 0; count < SPECS; count += 1) {
      const [name, network] = [random.pick(['web-1', hostile(random, 'web-1')]), hostile(random, 'default')];
      let xml: string;
      try {
        xml = createPayloadOf(partsOf(name, network), OP).domainXml;
      } catch (error) {
        expect(error).toMatchObject({ name: expect.stringMatching(/ZodError|SpecRefused/) });
        refused += 1;
        continue;
      }
      const { domain } = reader.parse(xml);
      expect(shapeOf({ domain }), `seed ${SEED}, ${JSON.stringify([name, network])}`).toEqual(wanted);
      expect([domain.title, domain.devices.interface.source['@_network']]).toEqual([name, network]);
      if (count % 20 > 0) continue;
      validate(xml);
      validated += 1;
    }
    expect(refused).toBeGreaterThan(SPECS / 10);
    expect(validated).toBeGreaterThan(SPECS / 100);
  });
});

describe('outputs of a host', () => {
  const honest = answerLine({ ok: true, result: { state: 'running' } });
  const invocation = (StandardOutputContent: string, ResponseCode = 0) => ({
    Status: 'Success',
    ResponseCode,
    StandardOutputContent,
  });

  it('that are whole are believed', () => {
    expect(resultOf(invocation(honest))).toEqual({ state: 'running' });
    expect(resultOf(invocation(`Warning: noise\n${honest}`))).toEqual({ state: 'running' });
  });

  it(`${OUTPUTS} that are cut, mixed or forged are no success, and never anything but a fault with a name`, () => {
    const random = new Random(SEED);
    const spoil = [
      (text: string) => text.slice(0, random.below(text.length - 1)),
      (text: string) => text.slice(1 + random.below(text.length - 2)),
      (text: string) => hostile(random, text.trim()),
      (text: string) => `${text}${text}`,
      (text: string) => text.replace('running', hostile(random, 'stopped')),
      (text: string) =>
        text.replace(/[0-9a-f]{64}/, (digest) => digest.replaceAll(digest.charAt(random.below(64)), 'f')),
      (text: string) => hostile(random, text.slice(0, 24_000)),
    ];
    let believed = 0;
    for (let count = 0; count < OUTPUTS; count += 1) {
      const output = random.pick(spoil)(honest);
      try {
        const result = resultOf(invocation(output));
        // Noise on other lines is allowed; the answer's own line must be untouched.
        expect(output.split('\n'), `seed ${SEED}`).toContain(honest.trim());
        expect(result).toEqual({ state: 'running' });
        believed += 1;
      } catch (error) {
        expect(error).toMatchObject({ name: expect.stringMatching(/^(CommandGarbled|HostFault)$/) });
      }
    }
    expect(believed).toBeLessThan(OUTPUTS / 5);
  });
});

/** The text that the SSM agent gives to `sh`. */
const scriptOf = (verb: string): string => {
  const { mainSteps } = readDocument(verb, documentFill('test-1'));
  // Every document has one step; test/host/test_documents.py says so.
  const [step] = mainSteps as { readonly inputs: { readonly runCommand: readonly string[] } }[];
  return (step?.inputs.runCommand ?? []).join('\n');
};

describe('text against the host script, with no wall before it', () => {
  it(`${NAMES} texts as parameters and in payloads: no file made, no program run, no crash`, () => {
    const home = mkdtempSync(join(tmpdir(), 'novacron-walls-'));
    try {
      const random = new Random(SEED);
      const parts = { vm: aVm(), spec: aSpec(), host: aHost(), image: anImage(), installation: 'test-1' };
      const payload = createPayloadOf(parts, OP);
      const texts = Array.from({ length: NAMES }, (_, index) =>
        hostile(
          random,
          ['web-1', OP, '4fa44310-91b3-5314-8938-157d348ec32e', '12', '2026-11-25T15:00:00.000Z'][index % 5] ?? '',
        ),
      );
      const done = spawnSync('/usr/bin/python3', [join(ROOT, 'test/faults/host_wall.py'), home], {
        input: JSON.stringify({
          payload,
          texts,
          sealed: sealed(payload),
          uuid: domainUuidOf('test-1', payload.vm.id),
          pool: aHost().facts?.pool.path,
          definitions: (['q35', 'pc'] as const).flatMap((machine) =>
            (['kvm', 'tcg'] as const).map(
              (accel) =>
                createPayloadOf({ ...parts, image: anImage({ machine }), host: aHost({}, { accel }) }, OP).domainXml,
            ),
          ),
          script: scriptOf('start-vm'),
          wrapped: WRAPPED,
        }),
        encoding: 'utf8',
        maxBuffer: 1 << 26,
      });
      expect(done.stderr.slice(-2000)).toBe('');
      expect(JSON.parse(done.stdout)).toEqual({
        parameters: NAMES,
        payloads: expect.any(Number),
        accepted: true,
        escapes: [],
        crashes: [],
        wrapped: expect.any(Number),
      });
    } finally {
      rmSync(home, { recursive: true });
    }
  });
});
