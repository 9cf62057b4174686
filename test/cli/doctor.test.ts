import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Check } from '../../cli/checks.ts';
import { type FakePlane, startPlane } from './fake-plane.ts';
import { facts, host, image, operation } from './samples.ts';
import { type } from './typed.ts';

let plane: FakePlane;
let env: Record<string, string>;

beforeEach(async () => {
  plane = await startPlane();
  env = { NOVACRON_URL: plane.url, NOVACRON_TOKEN: 'secret' };
  plane.hosts = [host({ facts: facts() })];
  plane.images = [image()];
});
afterEach(() => plane.close());

const examine = async (): Promise<{ code: number; wrong: Check[] }> => {
  const { code, out } = await type('doctor -o json', { env });
  const checks: Check[] = JSON.parse(out);
  return { code, wrong: checks.filter(({ status }) => status !== 'ok') };
};

describe('doctor', () => {
  it('finds nothing wrong with a plane that is well', async () => {
    expect(await examine()).toEqual({ code: 0, wrong: [] });
    const { out } = await type('doctor', { env });
    // the details stand in one column, as wide as the longest name
    expect(out).toContain(`✔ ${'plane'.padEnd('host rack-1: acceleration'.length)}  ok, installation local-test\n`);
    expect(out.endsWith('\n8 checks: 0 failed, 0 with a warning.\n')).toBe(true);
  });

  const silent = new Date(Date.now() - 90_000).toISOString();
  it.each<[string, () => void, Partial<Check>, number]>([
    [
      'a silent host',
      () => (plane.hosts = [host({ beatAt: silent })]),
      { status: 'failed', name: 'host rack-1', fix: expect.stringContaining('amazon-ssm-agent') },
      1,
    ],
    [
      'a host whose libvirt does not answer',
      () => (plane.hosts = [host({ state: 'unreachable', reason: 'libvirt on it has not answered since 10:00' })]),
      {
        status: 'failed',
        name: 'host rack-1',
        detail: 'unreachable: libvirt on it has not answered since 10:00',
        fix: 'On rack-1: systemctl status libvirtd',
      },
      1,
    ],
    [
      'a host out of space',
      () => (plane.hosts = [host({ facts: facts({ pool: { path: '/p', sizeGiB: 100, freeGiB: 2 } }) })]),
      { status: 'warning', name: 'host rack-1: space', fix: expect.stringContaining('--purge') },
      0,
    ],
    [
      'a host without acceleration',
      () => (plane.hosts = [host({ facts: facts({ accel: 'tcg', accelReason: 'no /dev/kvm' }) })]),
      { status: 'warning', detail: 'tcg (no /dev/kvm)' },
      0,
    ],
    [
      'a failed check of enrolment',
      () =>
        (plane.hosts = [
          host({
            facts: facts({
              checks: [{ name: 'clock', ok: false, required: true, detail: '90 s off', fix: 'install chrony' }],
            }),
          }),
        ]),
      { status: 'failed', name: 'host rack-1: clock', detail: '90 s off', fix: 'install chrony' },
      1,
    ],
    [
      'an inactive host',
      () => (plane.hosts = [host({ active: false, facts: facts() })]),
      { status: 'warning', fix: 'novacron host activate rack-1' },
      0,
    ],
    [
      'no image',
      () => (plane.images = []),
      { status: 'warning', name: 'images', fix: expect.stringContaining('novacron image register') },
      0,
    ],
    [
      'no host',
      () => (plane.hosts = []),
      { status: 'warning', name: 'hosts', fix: expect.stringContaining('novacron host enrol') },
      0,
    ],
    [
      'an operation that waits for a person',
      () => plane.operations.set('op-1', operation({ state: 'needs-attention' })),
      { status: 'warning', name: 'operations', fix: 'novacron op get op-1' },
      0,
    ],
  ])('sees %s, with a fix', async (_, arrange, check, code) => {
    arrange();
    expect(await examine()).toEqual({ code, wrong: [expect.objectContaining(check)] });
  });

  it('names one cause, not all that follows from it', async () => {
    await plane.close();
    expect(await examine()).toEqual({
      code: 1,
      wrong: [
        {
          name: 'plane',
          status: 'failed',
          detail: expect.stringContaining('Nothing listens'),
          fix: 'Start the local plane: npm start',
        },
      ],
    });
  });

  it('works where no plane is known, and says so', async () => {
    const { code, out } = await type('doctor');
    expect(code).toBe(1);
    expect(out).toContain(
      '✖ configuration  It is not known which plane to talk to.\n                 fix: Start a local one',
    );
  });

  it('tells a token that is no longer good', async () => {
    plane.troubles = [{ status: 200, text: '{"status":"ok"}' }, { status: 401 }];
    const { code, wrong } = await examine();
    expect(code).toBe(1);
    expect(wrong).toMatchObject([{ name: 'token', status: 'failed', fix: 'Log in again: novacron login' }]);
  });
});
