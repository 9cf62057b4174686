import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { styleText } from 'node:util';
import { Listr, PRESET_TIMER } from 'listr2';
import { deploy } from './deployment.ts';
import { endpointOf, ensureEmbeddedAws } from './embedded-aws.ts';
import { inHome, type LocalHost, loadPlane, type Plane, saveAccess, savePlane } from './home.ts';
import { enrol, hostProcesses, startLabHosts, startOwnLibvirt } from './libvirt-hosts.ts';
import { readOptions, type StartOptions, USAGE } from './options.ts';
import { ensureKvmPackages, ensureTestImage, ensureVenv, TEST_IMAGE } from './prerequisites.ts';
import { log, StartFault } from './processes.ts';
import { type Api, call, signIn } from './sign-in.ts';

/** What the steps of a start hand on to each other. */
interface Start {
  plane: Plane;
  api?: Api;
  /** Why there is no libvirt host, in words that say what to do. */
  withoutKvm?: string;
}

const wantedHosts = (count: number): Omit<LocalHost, 'hostId'>[] =>
  count === 0
    ? [{ name: 'local', where: 'machine' }]
    : Array.from({ length: count }, (_, index) => ({ name: `h${index + 1}`, where: index + 1 }));

/** The hosts of this start: those enrolled before, and those asked for now. */
const hostsOf = (plane: Plane, options: StartOptions): Omit<LocalHost, 'hostId'>[] => {
  const wanted = options.hosts === 0 && plane.hosts.length > 0 ? [] : wantedHosts(options.hosts);
  const known = new Set(plane.hosts.map((host) => host.name));
  return [...plane.hosts, ...wanted.filter((host) => !known.has(host.name))];
};

const keep = (start: Start, changes: Partial<Plane>): void => {
  start.plane = { ...start.plane, ...changes };
  savePlane(start.plane);
};

const apiOf = (start: Start): Api => {
  if (!start.api) throw new StartFault('Not signed in.');
  return start.api;
};

type Tell = (line: string) => void;
type Work = (start: Start, tell: Tell, options: StartOptions) => Promise<unknown>;

const STEPS: readonly { readonly title: string; readonly kvm?: true; readonly work: Work }[] = [
  { title: 'Python environment', work: (_, tell) => ensureVenv(tell) },
  { title: 'libvirt and QEMU', work: findLibvirt },
  { title: 'Embedded AWS', work: async (start) => keep(start, { emulator: await ensureEmbeddedAws(start.plane) }) },
  { title: 'Stacks', work: async (start, tell) => keep(start, await deploy(start.plane, tell)) },
  {
    title: 'Local admin',
    work: async (start) => {
      start.api = await signIn(start.plane);
      saveAccess({ ...start.api, installation: start.plane.installation });
    },
  },
  { title: 'Test image', kvm: true, work: (start, tell) => registerTestImage(apiOf(start), tell) },
  { title: 'Hosts', kvm: true, work: enrolHosts },
];

/** Before anything that takes long, so that a machine without libvirt is told so at once. */
async function findLibvirt(start: Start, tell: Tell, options: StartOptions): Promise<void> {
  const why = (await ensureKvmPackages(tell)) ?? (await startOwnLibvirt(start.plane, hostsOf(start.plane, options)));
  if (why) start.withoutKvm = `Going on with EC2 alone: ${why}`;
}

async function enrolHosts(start: Start, tell: Tell, options: StartOptions): Promise<void> {
  const wanted = hostsOf(start.plane, options);
  await startLabHosts(start.plane, wanted);
  await Promise.all(start.plane.hosts.map((known) => hostProcesses(start.plane, known, 'start')));
  const enrolled = await Promise.all(
    wanted.map((host) => enrol(start.plane, apiOf(start), host, (line) => tell(`${host.name}: ${line}`))),
  );
  keep(start, { hosts: enrolled });
}

/** Registers the tiny guest, built once for the clone, as image `test`. */
async function registerTestImage(api: Api, tell: Tell): Promise<void> {
  await ensureTestImage(tell);
  const { items } = await call<{ items: { name: string }[] }>(api, 'GET', '/v1/images?limit=100');
  if (items.some(({ name }) => name === 'test')) return;
  await call(api, 'POST', '/v1/images', {
    name: 'test',
    source: TEST_IMAGE,
    sha256: await sha256Of(TEST_IMAGE),
    format: 'qcow2',
    machine: 'pc',
    minDiskGiB: 1,
    minMemoryMiB: 160,
  });
}

const sha256Of = async (file: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
};

/** The part of listr2's task that is used here. */
interface Drawn {
  output: string;
  skip(why: string): void;
}

const carryOut = async (state: Start, work: Work, task: Drawn, options: StartOptions): Promise<void> => {
  const tell = (line: string) => {
    task.output = line;
  };
  const before = state.withoutKvm;
  await work(state, tell, options).catch((cause: unknown) => {
    // the sentence itself is printed once, below the steps
    throw new Error('see below', { cause });
  });
  if (state.withoutKvm !== before) task.skip(state.withoutKvm ?? '');
};

const start = async (options: StartOptions): Promise<Start> => {
  const plane = loadPlane(options.port);
  const state: Start = { plane: { ...plane, context: { ...plane.context, ...options.context } } };
  savePlane(state.plane);
  const tasks = STEPS.map(({ title, kvm, work }) => ({
    title,
    skip: () => (kvm && state.withoutKvm ? 'without libvirt' : false),
    task: (_: unknown, task: Drawn) => carryOut(state, work, task, options),
  }));
  await new Listr(tasks, {
    fallbackRenderer: 'simple',
    rendererOptions: {
      timer: { ...PRESET_TIMER, field: (ms: number) => `${Math.round(ms / 1000)} s` },
      showErrorMessage: false,
    },
  })
    .run()
    .catch((error: Error) => {
      throw error.cause ?? error;
    });
  return state;
};

const summary = ({ plane, api, withoutKvm }: Start): string => {
  const bold = (text: string) => styleText('bold', text);
  return [
    '',
    `${bold('NovaCron is up')}: installation ${plane.installation}`,
    `  API            ${api?.url}/v1   (OpenAPI: ${api?.url}/v1/openapi.json)`,
    `  embedded AWS   ${endpointOf(plane)}   (AWS_ENDPOINT_URL, keys test/test, ${plane.region})`,
    `  e-mail outbox  ${inHome('state', 'outbox')}`,
    `  logs           ${inHome('state', 'emulator.log')}`,
    `  hosts          ${withoutKvm ? styleText('yellow', 'none, see above') : plane.hosts.map(({ name }) => name).join(', ')}`,
    '',
    bold('A first command:'),
    withoutKvm
      ? '  npx novacron vm create --provider ec2 --image al2023 --size small --name web-1'
      : '  npx novacron vm create --provider kvm --image test --name web-1 --wait',
    '',
    'End it with npm stop; npm start again keeps everything.',
  ].join('\n');
};

/** Stays with the logs; Ctrl-C leaves the plane running. */
const attach = (): void => {
  spawn('tail', ['-n', '20', '-F', inHome('state', 'emulator.log')], { stdio: 'inherit' });
};

const fail = (error: unknown): never => {
  log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const known = error instanceof StartFault;
  console.error(
    `\n${known ? error.message : `npm start failed: ${error instanceof Error ? error.message : error}. See ${inHome('start.log')}.`}`,
  );
  process.exit(1);
};

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    console.log(USAGE);
  } else {
    console.log(summary(await start(options)));
    if (options.attach) attach();
  }
} catch (error) {
  fail(error);
}
