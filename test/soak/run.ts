import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { SEED } from '../support/cases.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { planeClient } from '../support/plane-client.ts';
import { Random } from '../support/random.ts';
import { reroute } from '../support/rerouted.ts';
import { FAULTS, HOSTS, type Hurt, isWell, PLACES, type Place } from './faults.ts';
import { play, type Tally } from './lives.ts';
import { growthOf, type Weight, weigh } from './weights.ts';

/** F-27, played on a plane that test/soak.sh has brought up: lives of VMs, faults, and each minute an audit and a weighing. */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '120' },
    clients: { type: 'string', default: '8' },
    faults: { type: 'string', default: '0.1' },
  },
});
const minutes = Number(values.minutes);
const probability = Number(values.faults);
const home = process.env.NOVACRON_HOME ?? '';
const { access, plane, api, novacron } = planeClient(home);
const aws = `http://127.0.0.1:${plane.port}`;
const random = new Random(SEED);
const begun = Date.now();
let isEnded = false;
const isOver = () => isEnded || Date.now() - begun > minutes * 60_000;
// Ended by hand it still mends what it broke, and tells.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    isEnded = true;
  });
}
const tell = (line: string) => console.log(`${((Date.now() - begun) / 60_000).toFixed(1)} min  ${line}`);

/** Success after retries must not be below this, growth in a long run not above that. */
const LEAST_SUCCESS = 0.999;
const MOST_GROWTH_PERCENT = 5;
const LONG_MINUTES = 60;

const tally: Tally = { done: 0, again: 0, faults: new Map(), lost: [], open: new Set() };
const inflicted = new Map<string, number>();
const broken: string[] = [];
const busy = new Map<Place, Promise<void>>();

/** Begins a random fault where its place is well; a fault that cannot be inflicted or mended is one of the soak's own. */
const hurtOne = (hurt: Hurt): void => {
  const place = random.pick(PLACES);
  if (busy.has(place)) return;
  const fault = random.pick(FAULTS.filter(({ at }) => at.includes(place)));
  const name = place === 'aws' ? fault.name : `${fault.name} (${place})`;
  inflicted.set(name, (inflicted.get(name) ?? 0) + 1);
  const at = Date.now();
  const under = fault
    .inflict(hurt, place)
    .catch((error: unknown) => void broken.push(`${name}: ${error}`))
    .then(() => {
      busy.delete(place);
      tell(`  ${name} for ${((Date.now() - at) / 1000).toFixed(0)} s`);
    });
  busy.set(place, under);
};

/** An image of nothing: its guest stands still in its firmware. */
const emptyImage = async (): Promise<string> => {
  const source = join(home, 'empty.img');
  const bytes = Buffer.alloc(1 << 20);
  writeFileSync(source, bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const body = { name: 'empty', source, sha256, format: 'raw', machine: 'pc', minDiskGiB: 1, minMemoryMiB: 64 };
  const { status, json } = await api('POST', '/v1/images', body);
  if (![201, 409].includes(status)) throw new Error(`no image: ${status} ${JSON.stringify(json)}`);
  return 'empty';
};

interface Finding {
  readonly invariant: string;
  readonly kind: string;
  readonly subject: string;
  readonly detail: string;
}

const audit = async (): Promise<string[] | undefined> => {
  const { stdout, stderr } = await novacron('audit', 'check', '-o', 'json');
  if (stdout === '') {
    tell(`no audit: ${stderr.trim()}`);
    return undefined;
  }
  const { items } = JSON.parse(stdout) as { items: Finding[] }; // the command's own answer
  return items.map(({ invariant, kind, subject, detail }) => `${invariant} ${kind} ${subject}: ${detail}`);
};

const EMULATOR = 'embedded AWS';
const weights: Weight[] = [];
const PATTERNS = {
  'host unit': new RegExp(`current ${access.installation} unit $`),
  'SSM agent': new RegExp(`ssm-agent/agent\\.py run --state ${home}/`),
  [EMULATOR]: new RegExp(`-m emulator .*${home}/`),
};

const weighAll = (): void => {
  weigh(weights, PATTERNS);
};

/** What an audit amid the work told, by how many in a row told it: work under way is no finding twice. */
const standing = new Map<string, number>();
let longest = 0;

const eachMinute = async (isDone: () => boolean): Promise<void> => {
  let last = 0;
  for (let minute = 1; !isDone(); minute += 1) {
    while (!isDone() && Date.now() < begun + minute * 60_000) await sleep(500);
    weighAll();
    const found = await audit();
    if (found) {
      for (const known of [...standing.keys()]) if (!found.includes(known)) standing.delete(known);
      for (const each of found) standing.set(each, (standing.get(each) ?? 0) + 1);
      longest = Math.max(longest, ...standing.values());
    }
    const done = tally.done + tally.again;
    tell(
      `${done} operations (${((done - last) / 60).toFixed(2)}/s), ${tally.lost.length} lost, ${found?.length ?? 'unknown'} findings`,
    );
    for (const [text, times] of standing) if (times > 1) tell(`  ${times} minutes: ${text}`);
    if (isOver()) tell(`  under way: ${[...tally.open].join(', ')}; faults: ${[...busy.keys()].join(', ')}`);
    last = done;
  }
};

const AT_REST_SECONDS = 600;
/** At rest nothing is left to tell of; what a look of the plane's own mends is given its time. */
const auditAtRest = async (): Promise<string[]> => {
  const until = Date.now() + AT_REST_SECONDS * 1000;
  for (;;) {
    const found = (await audit()) ?? ['no audit'];
    if (found.length === 0 || Date.now() > until) return found;
    tell(`at rest: ${found.join('; ')}`);
    await sleep(30_000);
  }
};

const counts = (map: ReadonlyMap<string, number>): string =>
  [...map]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, count]) => `\n    ${count} × ${name}`)
    .join('');

const report = (left: readonly string[], seconds: number): boolean => {
  const asked = tally.done;
  const success = asked === 0 ? 0 : 1 - tally.lost.length / asked;
  const long = weights.filter(({ kib }) => kib.length > minutes / 2);
  console.log(`
soak: ${asked} operations and ${tally.again} asked for again in ${(seconds / 60).toFixed(1)} minutes: ${((asked + tally.again) / seconds).toFixed(2)} a second
  ended well in the end: ${(success * 100).toFixed(3)} %${tally.lost.map((each) => `\n    ${each}`).join('')}
  failed at first or again, by name:${counts(tally.faults)}
  faults:${counts(inflicted)}
  findings at rest: ${left.length}${left.map((each) => `\n    ${each}`).join('')}
  the longest that a finding stood amid the work: ${longest} minutes
  memory of what lives long, second quarter to last:${long.map((each) => `\n    ${each.name} ${each.pid}: ${each.kib[0]} → ${each.kib.at(-1)} KiB, ${growthOf(each).toFixed(1)} %`).join('')}
  faults that could not be inflicted or mended: ${broken.length}${broken.map((each) => `\n    ${each}`).join('')}`);
  // The embedded AWS keeps its history, and is not ours.
  const ours = long.filter(({ name }) => name !== EMULATOR);
  const isFlat = minutes < LONG_MINUTES || ours.every((each) => growthOf(each) < MOST_GROWTH_PERCENT);
  return success >= LEAST_SUCCESS && left.length === 0 && broken.length === 0 && isFlat;
};

const proxy = await startFaultProxy(aws, SEED);
const back = await reroute(aws, access.installation, proxy.url);
let isSound = false;
try {
  const image = await emptyImage();
  const hurt: Hurt = { home, installation: access.installation, port: plane.port, proxy, random: random.fork() };
  const client = { api, tally, image, isOver, perhapsHurt: () => random.chance(probability) && hurtOne(hurt) };
  const prefix = `soak-${begun.toString(36).slice(-5)}`;
  const clients = Array.from({ length: Number(values.clients) }, (_, index) =>
    play({ ...client, random: random.fork() }, `${prefix}-${index}`),
  );
  let isDone = false;
  const minutely = eachMinute(() => isDone);
  await Promise.all(clients);
  const seconds = (Date.now() - begun) / 1000;
  isDone = true;
  await minutely;
  await Promise.all(busy.values());
  for (const host of HOSTS) await isWell(hurt, host).catch((error: unknown) => void broken.push(`${host}: ${error}`));
  isSound = report(await auditAtRest(), seconds);
} finally {
  await back();
  proxy.close();
}
process.exit(isSound ? 0 : 1);
