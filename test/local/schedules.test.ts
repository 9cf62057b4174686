import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lambdaApi } from '../support/lambda-api.ts';
import { type MovedClock, moveClock } from '../support/moved-clock.ts';
import { type Ran, ROOT } from '../support/run.ts';
import {
  access,
  api,
  auditPlane,
  eventually,
  HOME,
  labHosts,
  novacronJson,
  novacron as outside,
  plane,
  run,
  virshOn,
} from './on-plane.ts';
import { beSlack } from './slack-receiver.ts';

/**
 * Office hours over an app of one EC2 database and two KVM web VMs, for two weeks in which the clocks change: the scheduler's
 * clock is moved, all else is as it is. Berlin is an hour ahead of UTC until Sunday 2027-03-28, and two from then on.
 */
interface VmView {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly ready: { readonly status: string; readonly at: string };
  readonly providerId: string;
  readonly location: { readonly hostName: string };
}
interface ScheduleView {
  readonly id: string;
  /** Seconds that its last starts took. */
  readonly starts?: readonly number[];
  readonly lastRun?: {
    readonly want: string;
    readonly plannedAt: string;
    readonly ranAt: string;
    readonly vms: number;
    readonly begun: number;
    readonly waiting?: readonly string[];
    readonly late?: readonly { readonly vmName: string; readonly cause: string }[];
  };
}
interface OperationView {
  readonly kind: string;
  readonly state: string;
}

/** Of its own, so that each name can be as the tutorial has it. */
const project = `shop-${Date.now().toString(36).slice(-5)}`;
const [db, web1, web2, office] = ['db', 'web-1', 'web-2', 'office'] as const;
const VMS = [db, web1, web2];
const RUNNER = 'schedules-run-schedules';
const REFRESHER = 'schedules-refresh-calendars';
/** Writes when a VM was off: what schedules saved is read from it. */
const RECORDER = 'steps-record-outcome';
const READER = 'api-read';
const AWS = `http://127.0.0.1:${plane.port}`;

const received: string[] = [];
const slack = createServer((request, response) => {
  request.on('data', (data) => received.push(String(data)));
  request.on('end', () => response.end('ok'));
});

/** What the tutorial says under a heading, line by line as a shell reads it. */
const typed = (heading: string): string[][] => {
  const tutorial = readFileSync(join(ROOT, 'docs/office-hours.md'), 'utf8');
  const section = tutorial.split(/^## /m).find((each) => each.startsWith(`${heading}\n`)) ?? '';
  const lines = [...section.matchAll(/^novacron (.*)$/gm)].map(([, line = '']) => line);
  expect(lines.length, heading).toBeGreaterThan(0);
  return lines.map((line) => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? ''));
};

const novacron = (...args: string[]): Promise<Ran> => outside(...args, '--project', project);
const succeed = async (...args: string[]): Promise<string> => {
  const ran = await novacron(...args);
  expect(ran.code, ran.stderr + ran.stdout).toBe(0);
  return ran.stdout;
};
/** Types what the tutorial says under a heading. @returns what came of its last line */
const follow = async (heading: string): Promise<string> => {
  let last = '';
  for (const line of typed(heading)) last = await succeed(...line);
  return last;
};
const asked = (path: string) => api('GET', path, undefined, { 'novacron-project': project });
const vm = async (name: string): Promise<VmView> => JSON.parse(await succeed('vm', 'get', name, '-o', 'json'));
/** By the API, which answers while what follows a run by itself has not come yet. */
const schedule = async (name: string = office): Promise<ScheduleView> => {
  const { json } = await asked(`/v1/schedules?filter=${encodeURIComponent(`name=${name}`)}`);
  return json.items[0];
};

let clock: MovedClock;
const lambda = lambdaApi(AWS, access.installation);

/** The timer of a job comes. */
const come = (job: string): Promise<void> => lambda.invoke(`novacron-${access.installation}-${job}`);

/** It is that moment, and the timer comes. */
const tickAt = async (at: string, name?: string): Promise<ScheduleView> => {
  clock.set(at);
  await come(RUNNER);
  return schedule(name);
};

const all = async (holds: (each: VmView) => boolean): Promise<boolean> => {
  const { json } = await asked('/v1/vms?filter=tag:app%3Dshop');
  return json.items.length === VMS.length && json.items.every(holds);
};
const areUp = (except?: string) =>
  eventually('all are ready', 120, () =>
    all(({ name, state, ready }) => name === except || (state === 'running' && ready.status === 'true')),
  );
const areDown = () => eventually('all are stopped', 120, () => all(({ state }) => state === 'stopped'));

/** What the schedule has begun since it was made, newest first. */
const begun = async (): Promise<OperationView[]> => {
  const { id } = await schedule();
  const { json } = await asked(`/v1/operations?limit=100&by=${encodeURIComponent(`schedule:${id}`)}`);
  return json.items;
};

interface PreviewView {
  readonly early?: { readonly minutes: number; readonly starts: number };
  readonly vms: readonly { readonly name: string; readonly price: { readonly hourlyUsd: number } }[];
}
interface SavingsView {
  readonly days: readonly { readonly day: string; readonly seconds: number }[];
  readonly groups: readonly { readonly name: string; readonly seconds: number; readonly usd: number }[];
}

/** What was saved until a moment, as it is answered then, to whom has a token that is good for so long. */
const savedUntil = async (at: string): Promise<SavingsView> => {
  const body = { name: 'reader', role: 'viewer', expiresInDays: 365 };
  const { json: made } = await api('POST', '/v1/tokens', body, { 'novacron-project': project });
  const reader = await moveClock(AWS, access.installation, [READER]);
  reader.set(at);
  try {
    const headers = { authorization: `Bearer ${made.token}`, 'novacron-project': project };
    const { status, json } = await api(
      'GET',
      `/v1/savings?by=vm&from=2027-03-21T00:00:00.000Z&to=${at}`,
      undefined,
      headers,
    );
    expect(status, JSON.stringify(json)).toBe(200);
    return json;
  } finally {
    await reader.restore();
    await api('DELETE', `/v1/tokens/${made.id}`, undefined, { 'novacron-project': project });
  }
};

const outbox = (): string[] => {
  const folder = join(HOME, 'state', 'outbox');
  return readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
};

/** A command on the host of a VM. */
const onHostOf = async ({ location }: VmView, ...command: string[]): Promise<void> => {
  const isLab = /^h\d+$/.test(location.hostName);
  const [program = '', ...args] = command;
  const ran = isLab ? await labHosts('exec', location.hostName.slice(1), ...command) : await run(program, args);
  expect(ran.code, ran.stderr).toBe(0);
};

/** What the guest's agent answers. */
const inGuest = async ({ location, providerId }: VmView, execute: string, more: object): Promise<unknown> => {
  const asked = JSON.stringify({ execute, arguments: more });
  const ran = await virshOn(location.hostName, 'qemu-agent-command', providerId, asked);
  expect(ran.code, ran.stderr).toBe(0);
  return JSON.parse(ran.stdout).return;
};

/** Lies in the guest's memory alone: /run is a tmpfs. */
const NOTE = '/run/note-of-a-test';

const noteInMemory = async (guest: VmView, text: string): Promise<void> => {
  const handle = await inGuest(guest, 'guest-file-open', { path: NOTE, mode: 'w' });
  await inGuest(guest, 'guest-file-write', { handle, 'buf-b64': Buffer.from(text).toString('base64') });
  await inGuest(guest, 'guest-file-close', { handle });
};

const notedInMemory = async (guest: VmView): Promise<string> => {
  const handle = await inGuest(guest, 'guest-file-open', { path: NOTE, mode: 'r' });
  const read = (await inGuest(guest, 'guest-file-read', { handle })) as { readonly 'buf-b64': string };
  return Buffer.from(read['buf-b64'], 'base64').toString();
};

beforeAll(async () => {
  await beSlack(slack);
  expect((await outside('project', 'create', project)).code).toBe(0);
  await Promise.all(typed('The app').map((line) => succeed(...line)));
  clock = await moveClock(AWS, access.installation, [RUNNER, REFRESHER, RECORDER]);
  clock.set('2027-03-21T12:00:00Z');
});
afterAll(async () => {
  await clock.restore();
  slack.close();
  await follow('The end');
  expect((await outside('project', 'delete', project, '--yes')).code).toBe(0);
  // Its operations were accepted by a clock that is ahead of the one by which they ended.
  const { items } = await auditPlane();
  expect(items.filter(({ kind }: { kind: string }) => kind !== 'HistoryBroken')).toEqual([]);
});

describe('office hours over both worlds', () => {
  it('are made as the tutorial says, and say what they will do, on which days nothing, and what that saves', async () => {
    expect(await follow('The days')).toContain('Karfreitag');
    await succeed(...(typed('The hours')[0] ?? []));
    expect(await follow('The hours').catch(String)).toMatch(/NameTaken/);
    const preview = await succeed('schedule', 'preview', office, '--from', '2027-03-21T12:00Z', '--days', '14');
    for (const line of [/^db .*list/m, /^web-1 .*estimate/m]) expect(preview).toMatch(line);
    for (const holiday of ['Karfreitag', 'Ostermontag']) expect(preview).toContain(holiday);
  });

  it('know the holidays of the years to come, by the calendar that is reckoned on', async () => {
    await come(REFRESHER);
    const preview = await succeed('schedule', 'preview', office, '--from', '2029-03-29T12:00Z', '--days', '3');
    expect(preview).toContain('2029-03-30 closed: Karfreitag');
  });

  it('put in place on Sunday what was missed on Friday', async () => {
    expect((await tickAt('2027-03-21T12:10:00Z')).lastRun).toMatchObject({ want: 'down', vms: 3 });
    await areDown();
  });

  const DAYS = [
    ['Monday', '2027-03-22', 8, 17],
    ['Tuesday', '2027-03-23', 8, 17],
    ['Wednesday', '2027-03-24', 8, 17],
    ['Tuesday, behind the change of clocks', '2027-03-30', 7, 16],
    ['Thursday', '2027-04-01', 7, 16],
    ['Friday', '2027-04-02', 7, 16],
  ] as const;
  const workday = async (date: string, nine: number, six: number): Promise<void> => {
    const at = (hour: number, rest: string) => `${date}T${String(hour).padStart(2, '0')}:${rest}Z`;
    await tickAt(at(nine - 1, '59:50'));
    expect(await all(({ state }) => state === 'stopped')).toBe(true);
    const morning = (await tickAt(at(nine, '00:20'))).lastRun;
    expect(morning).toMatchObject({ want: 'up', plannedAt: at(nine, '00:00.000'), vms: 3, begun: 1, waiting: ['web'] });
    await areUp();
    expect((await tickAt(at(nine, '13:00'))).lastRun?.late).toEqual([]);
    const evening = (await tickAt(at(six, '00:20'))).lastRun;
    expect(evening).toMatchObject({ want: 'down', plannedAt: at(six, '00:00.000'), vms: 3, begun: 2, waiting: ['db'] });
    await areDown();
    expect((await tickAt(at(six, '13:00'))).lastRun?.late).toEqual([]);
  };
  it.each(DAYS.slice(0, 3))('%s: up at nine, ready in time, down at six', (_, ...day) => workday(...day));

  it('Thursday: an override keeps them up for the release, and ends by itself', async () => {
    await tickAt('2027-03-25T08:00:20Z');
    await areUp();
    const until = ['--from', '2027-03-25T12:00Z', '--until', '2027-03-25T19:00Z'];
    await succeed('schedule', 'override', office, '--want', 'up', ...until, '--note', 'release');
    await tickAt('2027-03-25T17:00:20Z');
    expect(await all(({ state }) => state === 'running')).toBe(true);
    expect((await tickAt('2027-03-25T19:00:20Z')).lastRun).toMatchObject({ want: 'down', vms: 3 });
    await areDown();
  });

  it('Good Friday, the weekend of the change and Easter Monday: nothing happens', async () => {
    const before = (await begun()).length;
    for (const date of ['2027-03-26', '2027-03-27', '2027-03-28', '2027-03-29'])
      for (const time of ['07:00:20', '08:00:20', '16:00:20', '17:00:20']) await tickAt(`${date}T${time}Z`);
    expect(await begun()).toHaveLength(before);
    expect(await all(({ state }) => state === 'stopped')).toBe(true);
  });

  it.each(DAYS.slice(3, 4))('%s: up at nine, ready in time, down at six', (_, ...day) => workday(...day));

  it('Wednesday: the one that does not start is told by e-mail and in Slack, and why; the others are up', async () => {
    const broken = await vm(web2);
    const disk = `/var/lib/libvirt/images/novacron/${access.installation}/disks/${broken.id}-0.qcow2`;
    await onHostOf(broken, 'mv', disk, `${disk}.away`);
    await tickAt('2027-03-31T07:00:20Z');
    await areUp(web2);
    const { lastRun } = await eventually('it is told', 120, async () => {
      const seen = await tickAt('2027-03-31T07:13:00Z');
      return seen.lastRun?.late?.length === 1 ? seen : undefined;
    });
    expect(lastRun?.late).toMatchObject([{ vmName: web2 }]);
    const cause = lastRun?.late?.[0]?.cause ?? '';
    expect(cause).toMatch(/^[A-Z][A-Za-z]+: /);
    const tells = (text: string) => text.includes(`by schedule ${office}`) && text.includes(web2);
    const mail = await eventually('the e-mail', 120, async () => outbox().find(tells));
    const post = await eventually('the Slack message', 120, async () => received.find(tells));
    for (const text of [mail, post]) {
      expect(text).toContain('should be up');
      expect(text).toContain(cause.split(':')[0]);
      expect(text).not.toMatch(/\b(db|web-1): /);
    }
    await onHostOf(broken, 'mv', `${disk}.away`, disk);
    await tickAt('2027-03-31T16:00:20Z');
    await areDown();
  });

  it.each(DAYS.slice(4))('%s: up at nine, ready in time, down at six', (_, ...day) => workday(...day));

  it('saved what they were off, each of them, and nothing of the start that failed', async () => {
    const { days, groups } = await savedUntil('2027-04-02T16:13:00.000Z');
    const [rest, workday, closed] = [11 + 5 / 6, 15, 24];
    // From the end of the start that failed to the next stop nobody can say that the schedule keeps web-2 off.
    const hours: readonly (readonly [string, number])[] = [
      ['2027-03-21', 3 * rest],
      ['2027-03-22', 3 * workday],
      ['2027-03-23', 3 * workday],
      ['2027-03-24', 3 * workday],
      ['2027-03-25', 3 * (workday - 2)],
      ['2027-03-26', 3 * closed],
      ['2027-03-27', 3 * closed],
      ['2027-03-28', 3 * closed],
      ['2027-03-29', 3 * closed],
      ['2027-03-30', 3 * workday],
      ['2027-03-31', 2 * workday + 7],
      ['2027-04-01', 2 * workday + 8],
      ['2027-04-02', 3 * (7 + 13 / 60)],
    ];
    expect(days.map(({ day }) => day)).toEqual(hours.map(([day]) => day));
    // A stop and a start take a while, and the clock runs on meanwhile.
    const whiles = days.map(({ seconds }, index) => seconds - 3_600 * (hours[index]?.[1] ?? 0));
    expect(
      whiles.every((seconds) => Math.abs(seconds) <= 600),
      whiles.join(),
    ).toBe(true);
    expect(days.filter(({ seconds }) => seconds === 3 * 86_400).map(({ day }) => day)).toEqual([
      '2027-03-26',
      '2027-03-27',
      '2027-03-28',
      '2027-03-29',
    ]);
    const { vms } = await novacronJson<PreviewView>('schedule', 'preview', office, '--project', project, '-o', 'json');
    for (const { name, seconds, usd } of groups) {
      const { hourlyUsd } = vms.find((each) => each.name === name)?.price ?? { hourlyUsd: Number.NaN };
      expect(usd, name).toBeCloseTo((seconds / 3_600) * hourlyUsd, 3);
    }
    expect(groups.map(({ name }) => name).toSorted()).toEqual(VMS.toSorted());
  });

  it('go as the tutorial ends', async () => {
    for (const heading of ['An evening that is longer', 'What came of it', 'Into a file']) await follow(heading);
  });

  it('did each thing once, and nothing else', async () => {
    const did = (await begun()).map(({ kind, state }) => `${kind} ${state}`);
    const count = (what: string) => did.filter((each) => each === what).length;
    // Eight days with a start and a stop of three, once without one of them, and the stop of the Sunday before.
    expect(count('start-vm succeeded')).toBe(23);
    expect(count('stop-vm succeeded')).toBe(26);
  });
});

/** One more over web-2, which goes before the other; by the clock as it is, since how long a boot takes is read from real ones. */
describe('a schedule that keeps memory and learns how long a boot takes', () => {
  const early = 'early';
  const later = (at: string | number, minutes: number, seconds = 0): string =>
    new Date(new Date(at).getTime() + minutes * 60_000 + seconds * 1_000).toISOString();
  const minuteOf = (at: string): string => at.slice('yyyy-mm-ddT'.length, 'yyyy-mm-ddThh:mm'.length);
  const became = (state: string, ready?: string) =>
    eventually(`web-2 is ${state}`, 120, async () => {
      const seen = await vm(web2);
      return seen.state === state && (ready === undefined || seen.ready.status === ready) ? seen : undefined;
    });
  const begin = `${later(Date.now(), 180).slice(0, 'yyyy-mm-ddThh:mm'.length)}:00.000Z`;

  it('learns it from a start', async () => {
    const period = `mon-sun ${minuteOf(begin)}-${minuteOf(later(begin, 60))}`;
    const of = ['--vm', web2, '--priority', '10', '--zone', 'Etc/UTC', '--period', period, '--grace', '1'];
    await succeed('schedule', 'create', early, ...of, '--stop-mode', 'save', '--early', 'learned');
    await succeed('schedule', 'override', early, '--want', 'up', '--until', later(begin, -120));
    const { lastRun } = await tickAt(new Date().toISOString(), early);
    expect(lastRun).toMatchObject({ want: 'up', begun: 1 });
    const { ready } = await became('running', 'true');
    const ranAt = Date.parse(lastRun?.ranAt ?? '');
    const { starts } = await tickAt(later(ranAt, 1, 10), early);
    expect(starts).toEqual([Math.ceil((Date.parse(ready.at) - ranAt) / 1_000)]);
  });

  it('saves the VM as its time is over, and brings it back so much earlier, with its memory as it was', async () => {
    const text = `noted at ${Date.now()}`;
    await noteInMemory(await vm(web2), text);
    expect((await tickAt(later(begin, -120, 20), early)).lastRun).toMatchObject({ want: 'down', begun: 1 });
    await became('saved');

    const preview: PreviewView = JSON.parse(await succeed('schedule', 'preview', early, '-o', 'json'));
    const [learned = 0] = (await schedule(early)).starts ?? [];
    const minutes = Math.ceil((learned + 60) / 60);
    expect(preview.early).toEqual({ minutes, starts: 1 });
    expect((await tickAt(later(begin, -minutes, -30), early)).lastRun?.want).toBe('down');
    const { lastRun } = await tickAt(later(begin, -minutes, 10), early);
    expect(lastRun).toMatchObject({ want: 'up', plannedAt: begin, begun: 1 });
    expect(await notedInMemory(await became('running', 'true'))).toBe(text);
    expect((await tickAt(later(begin, 1, 10), early)).lastRun).toMatchObject({ plannedAt: begin, late: [] });
    await succeed('schedule', 'delete', early, '--yes');
  });
});
