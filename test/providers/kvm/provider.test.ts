import { gzipSync } from 'node:zlib';
import {
  GetCommandInvocationCommand,
  type GetCommandInvocationCommandOutput,
  SendCommandCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { domainUuidOf } from '../../../lambdas/domain/ids.ts';
import { CreatePayload, RemovePayload, StopPayload, SubjectPayload } from '../../../lambdas/providers/kvm/payload.ts';
import { type KvmSettings, kvmProvider, lookAtCommand } from '../../../lambdas/providers/kvm/provider.ts';
import type { Ask } from '../../../lambdas/providers/provider.ts';
import { aHost, anImage, answerLine, aSpec, aVm } from '../../support/kvm.ts';

const ssm = mockClient(SSMClient);

const settings = (changes: Partial<KvmSettings> = {}): KvmSettings => ({
  installation: 'dev',
  ssm: new SSMClient({ region: 'us-east-1' }),
  nodeOf: async () => 'mi-0123456789abcdef0',
  userData: async (key) => ({ url: `https://bucket.example.org/${key}?signed`, sha256: 'b'.repeat(64) }),
  retainDays: 7,
  now: () => Date.parse('2026-11-25T10:00:00.000Z'),
  pause: async () => {},
  ...changes,
});

const ask: Ask = {
  operationId: 'op-0123456789abcdefghjkmnpqrs',
  attempt: 3,
  notAfter: '2026-11-25T10:02:00.000Z',
};
const uuid = domainUuidOf('dev', aVm().id);

beforeEach(() => {
  ssm.reset();
  ssm.on(SendCommandCommand).resolves({ Command: { CommandId: 'c-1' } });
});

const sent = () => ssm.commandCalls(SendCommandCommand).map((call) => call.args[0].input);
const parameter = (name: string): string => sent()[0]?.Parameters?.[name]?.[0] ?? '';
const payload = (): unknown => JSON.parse(Buffer.from(parameter('Payload'), 'base64').toString());

/** What SSM says of a command that ended with this result; its metadata is not looked at. */
const invocation = (result: object): Partial<GetCommandInvocationCommandOutput> => ({
  Status: 'Success',
  ResponseCode: 0,
  StandardOutputContent: answerLine({ ok: true, result }),
});

describe('a stop that keeps the memory', () => {
  const provider = kvmProvider(settings());
  const options = { force: false, graceSeconds: 600, skipOsShutdown: false };

  it('tells the host to save', async () => {
    await provider.stop(aVm(), { mode: 'save', ...options }, ask);
    expect(StopPayload.parse(payload())).toMatchObject({ force: false, save: true, graceSeconds: 600 });
  });

  it('is refused where it is to hibernate', async () => {
    const call = provider.stop(aVm(), { mode: 'hibernate', ...options }, ask);
    await expect(call).rejects.toMatchObject({ name: 'CapabilityMissing' });
    expect(sent()).toEqual([]);
  });
});

describe('every verb', () => {
  const provider = kvmProvider(settings());
  const context = { host: aHost(), image: anImage() };
  it.each([
    ['CreateVm', () => provider.create(aVm(), context, ask), CreatePayload],
    ['StartVm', () => provider.start(aVm(), ask), SubjectPayload],
    [
      'StopVm',
      () => provider.stop(aVm(), { mode: 'stop', force: false, graceSeconds: 60, skipOsShutdown: false }, ask),
      StopPayload,
    ],
    ['RebootVm', () => provider.reboot(aVm(), ask), SubjectPayload],
    ['ResetVm', () => provider.reset(aVm(), ask), SubjectPayload],
    ['RemoveVm', () => provider.remove(aVm(), { purge: false }, ask), RemovePayload],
    ['UndeleteVm', () => provider.undelete(aVm(), ask), SubjectPayload],
    ['UndoCreateVm', () => provider.undoCreate(aVm(), ask), SubjectPayload],
  ])('%s is one fenced document with a payload of its shape', async (verb, call, shape) => {
    expect(await call()).toMatchObject({ status: 'pending', commandId: 'c-1', nodeId: 'mi-0123456789abcdef0' });
    expect(sent()).toMatchObject([
      {
        DocumentName: `NovaCron-dev-${verb}`,
        InstanceIds: ['mi-0123456789abcdef0'],
        Comment: 'op-0123456789abcdefghjkmnpqrs#3',
        TimeoutSeconds: 60,
        Parameters: { Op: [ask.operationId], Attempt: ['3'], NotAfter: [ask.notAfter], Domain: [uuid] },
      },
    ]);
    expect(shape.safeParse(payload())).toMatchObject({ success: true });
  });
});

describe('create', () => {
  const create = (spec = {}, image = {}, host = aHost()) =>
    kvmProvider(settings()).create(aVm({ spec: aSpec(spec) }), { host, image: anImage(image) }, ask);

  it('tells the host all of its part', async () => {
    await create({ hostname: 'web', kvm: { network: 'dmz' }, diskGiB: 20 });
    expect(payload()).toMatchObject({
      vm: { id: aVm().id, name: 'web-1', hostname: 'web' },
      domainXml: expect.stringContaining('network="dmz"'),
      disks: [
        {
          path: '/var/lib/libvirt/images/novacron/dev/disks/vm-0123456789abcdef-0.qcow2',
          sizeGiB: 20,
          base: { imageId: anImage().id, url: anImage().source, sha256: anImage().sha256, format: 'qcow2' },
        },
      ],
      seed: { userData: { text: expect.stringMatching(/^#cloud-config\nhostname: web\n/) } },
      autostart: true,
    });
  });

  it('knows at once what it chose itself', async () => {
    expect(await create()).toMatchObject({
      observed: {
        providerId: uuid,
        disks: [{ name: 'vda', sizeGiB: 1, boot: true }],
        nics: [{ mac: expect.stringMatching(/^52:54:00:/), network: 'default' }],
      },
    });
  });

  it('names an image that lies on the hosts by its path, and never shrinks it', async () => {
    await create({}, { source: '/srv/images/test.qcow2', minDiskGiB: 3 });
    expect(payload()).toMatchObject({ disks: [{ sizeGiB: 3, base: { path: '/srv/images/test.qcow2' } }] });
  });

  it("keeps the user's user-data out of the command", async () => {
    await create({ userDataKey: 'user-data/1', sshKeys: ['ssh-ed25519 AAAA a "quoted" comment'] });
    expect(payload()).toMatchObject({
      seed: {
        metaData: expect.stringContaining('public-keys:\n  - "ssh-ed25519 AAAA a \\"quoted\\" comment"'),
        userData: { url: 'https://bucket.example.org/user-data/1?signed', sha256: 'b'.repeat(64) },
      },
    });
  });

  it('installs the guest agent where it is asked to', async () => {
    await create({ installAgent: true });
    expect(payload()).toMatchObject({ seed: { userData: { text: expect.stringContaining('- qemu-guest-agent') } } });
  });

  it.each([
    ['kvm', 'kvm' as const, 'type="kvm"'],
    ['tcg', 'tcg' as const, 'type="qemu"'],
  ])('follows the acceleration %s that the host has', async (_, accel, type) => {
    await create({}, {}, aHost({}, { accel }));
    expect(payload()).toMatchObject({ domainXml: expect.stringContaining(type) });
  });

  const bare = () => {
    const { facts: _, ...host } = aHost();
    return host;
  };
  const formless = () => {
    const { spec: _, ...vm } = aVm();
    return vm;
  };
  it.each([
    ['a host', 'SpecRefused', () => kvmProvider(settings()).create(aVm(), { image: anImage() }, ask)],
    ['an image', 'SpecRefused', () => kvmProvider(settings()).create(aVm(), { host: aHost() }, ask)],
    [
      'a spec',
      'SpecRefused',
      () => kvmProvider(settings()).create(formless(), { host: aHost(), image: anImage() }, ask),
    ],
    ['facts', 'NoHostFits', () => create({}, {}, bare())],
    ['acceleration', 'NoHostFits', () => create({}, {}, aHost({}, { accel: 'none', accelReason: 'no banner' }))],
    ['room in the document', 'SpecRefused', () => create({ sshKeys: Array(40).fill(`ssh-rsa ${'A'.repeat(700)}`) })],
  ])('is refused without %s, as %s, and nothing is sent', async (_, name, call) => {
    await expect(call()).rejects.toMatchObject({ name });
    expect(sent()).toEqual([]);
  });
});

describe('remove', () => {
  it.each([
    ['keeps for the days of retention', { purge: false }, 7, '2026-12-02T10:00:00.000Z'],
    ['keeps nothing on purge', { purge: true }, 7, undefined],
    ['keeps nothing without retention', { purge: false }, 0, undefined],
  ])('%s', async (_, options, retainDays, retainUntil) => {
    await kvmProvider(settings({ retainDays })).remove(aVm(), options, ask);
    expect(RemovePayload.parse(payload()).retainUntil).toBe(retainUntil);
  });
});

describe('describe', () => {
  const describeVm = (changes = {}) => kvmProvider(settings()).describe(aVm({ providerId: uuid, ...changes }));

  it('is what the last report left on the row', async () => {
    expect(await describeVm()).toMatchObject({ providerId: uuid, state: 'running', vmId: aVm().id });
    expect(await describeVm({ managed: false })).not.toHaveProperty('vmId');
  });

  it.each(['lost', 'deleted'])('knows no VM that is %s', async (state) => {
    expect(await describeVm({ state })).toBeUndefined();
  });

  it('knows no VM that no host has', async () => {
    expect(await kvmProvider(settings()).describe(aVm())).toBeUndefined();
  });
});

it('cannot ask for a VM that lies on no host', async () => {
  await expect(kvmProvider(settings()).start(aVm({ location: {} }), ask)).rejects.toMatchObject({ name: 'VmLost' });
});

describe('a look at a command', () => {
  const look = () => lookAtCommand(settings().ssm, { commandId: 'c-1', nodeId: 'mi-1' });

  it('is pending while the command runs', async () => {
    ssm.on(GetCommandInvocationCommand).resolves({ Status: 'InProgress' });
    expect(await look()).toEqual({ status: 'pending', commandId: 'c-1', nodeId: 'mi-1' });
  });

  it('is done with the answer', async () => {
    ssm.on(GetCommandInvocationCommand).resolves(invocation({ state: 'stopped' }));
    expect(await look()).toEqual({ status: 'done', observed: { state: 'stopped' } });
  });
});

describe('the console log', () => {
  const text = `${'x'.repeat(5000)}ß login: `;
  const log = Buffer.from(text);
  /** A host that packs at most `limit` bytes into a page. */
  const serve = (limit: number) =>
    ssm.on(GetCommandInvocationCommand).callsFake(() => {
      const { End = ['-1'], Bytes = ['0'] } = sent().at(-1)?.Parameters ?? {};
      const end = End[0] === '-1' ? log.length : Number(End[0]);
      const start = Math.max(0, end - Math.min(limit, Number(Bytes[0])));
      return invocation({ gzip: gzipSync(log.subarray(start, end)).toString('base64'), start, end });
    });
  const read = (bytes: number, changes: Partial<KvmSettings> = {}) =>
    kvmProvider(settings(changes)).consoleLog(aVm(), { bytes });

  it.each([
    ['all of a short log', 10_000, 100_000, text, 1],
    ['its tail', 8, 100_000, ' login: ', 1],
    ['its tail, without the half character at its front', 9, 100_000, ' login: ', 1],
    ['pages put together', 10_000, 1_000, text, 6],
    ['as much as eight pages hold', 10_000, 100, `${'x'.repeat(790)}ß login: `, 8],
  ])('is %s', async (_, bytes, limit, expected, pages) => {
    serve(limit);
    expect(await read(bytes)).toBe(expected);
    expect(sent()).toHaveLength(pages);
    expect(sent()[0]).toMatchObject({ DocumentName: 'NovaCron-dev-ConsoleLog', Comment: `console#${aVm().id}` });
  });

  it('is empty where nothing was written', async () => {
    ssm.on(GetCommandInvocationCommand).resolves(invocation({ gzip: '', start: 0, end: 0 }));
    expect(await read(100)).toBe('');
  });

  it('waits for a slow host, but not for ever', async () => {
    ssm.on(GetCommandInvocationCommand).resolves({ Status: 'InProgress' });
    let nowMs = 0;
    const clock = {
      now: () => nowMs,
      pause: async (milliseconds: number) => {
        nowMs += milliseconds;
      },
    };
    await expect(read(100, clock)).rejects.toMatchObject({ name: 'HostUnreachable' });
    expect(nowMs).toBeGreaterThanOrEqual(15_000);
    expect(nowMs).toBeLessThan(17_500);
  });

  it.each([
    ['no page', {}],
    ['no gzip', { gzip: Buffer.from('plain').toString('base64'), start: 0, end: 5 }],
    ['another length', { gzip: gzipSync('abc').toString('base64'), start: 0, end: 5 }],
    ['a bomb', { gzip: gzipSync(Buffer.alloc(2 ** 21)).toString('base64'), start: 0, end: 2 ** 21 }],
  ])('of a host that sends %s is garbled', async (_, result) => {
    ssm.on(GetCommandInvocationCommand).resolves(invocation(result));
    await expect(read(100)).rejects.toMatchObject({ name: 'CommandGarbled' });
  });
});
