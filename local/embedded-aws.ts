import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { inClone, inHome, type Plane, ROOT, type StartedProcess } from './home.ts';
import { VENV_PYTHON } from './prerequisites.ts';
import { identify, isAlive, log, StartFault } from './processes.ts';

/** Where the embedded AWS answers. */
export const endpointOf = (plane: Pick<Plane, 'port'>): string => `http://127.0.0.1:${plane.port}`;

/** The environment of whoever talks to the embedded AWS as its account's root. */
export const awsEnv = (plane: Plane): NodeJS.ProcessEnv => ({
  PATH: `${join(ROOT, 'node_modules', '.bin')}:${process.env.PATH}`,
  HOME: process.env.HOME,
  AWS_ENDPOINT_URL: endpointOf(plane),
  AWS_ENDPOINT_URL_S3: endpointOf(plane),
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_REGION: plane.region,
  AWS_DEFAULT_REGION: plane.region,
  AWS_EC2_METADATA_DISABLED: 'true',
  CDK_DISABLE_CLI_TELEMETRY: 'true',
});

const isTaken = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

/** How long an instance stays pending, stopping or shutting-down, where somebody says. */
const ec2Delay = (): NodeJS.ProcessEnv =>
  process.env.EMULATOR_EC2_DELAY === undefined ? {} : { EMULATOR_EC2_DELAY: process.env.EMULATOR_EC2_DELAY };

/** Starts the embedded AWS, or finds it running. It outlives this process. @throws StartFault for a taken port or a start that fails */
export const ensureEmbeddedAws = async (plane: Plane): Promise<StartedProcess> => {
  if (isAlive(plane.emulator)) return plane.emulator;
  if (await isTaken(plane.port)) {
    throw new StartFault(
      `Port ${plane.port} on 127.0.0.1 is taken. Stop what holds it, or choose another: npm start -- --port ${plane.port + 1}`,
    );
  }
  const errors = openSync(inHome('emulator.err'), 'w', 0o600);
  const args = [
    '-m',
    'emulator',
    '--port',
    String(plane.port),
    '--state-dir',
    inHome('state'),
    '--region',
    plane.region,
  ];
  const child = spawn(VENV_PYTHON, args, {
    cwd: join(ROOT, 'local'),
    env: { ...awsEnv(plane), ...ec2Delay(), NOVACRON_HOME: inHome() },
    detached: true,
    stdio: ['ignore', 'pipe', errors],
  });
  const { pid, stdout } = child;
  if (pid === undefined || !stdout)
    throw new StartFault(`${VENV_PYTHON} could not be run; remove ${inClone('venv')} and start again.`);
  const started = identify(pid);
  const ready = await firstLine(child, stdout);
  log(`embedded AWS: ${ready}`);
  stdout.destroy();
  child.unref();
  return started;
};

const READY_WITHIN_MS = 60_000;

const firstLine = (child: ChildProcess, stdout: Readable): Promise<string> =>
  new Promise((resolve, reject) => {
    const why = `see ${inHome('state', 'emulator.log')} and ${inHome('emulator.err')}`;
    const timer = setTimeout(
      () => reject(new StartFault(`The embedded AWS was not ready in 60 s; ${why}.`)),
      READY_WITHIN_MS,
    );
    createInterface({ input: stdout }).once('line', (line) => {
      clearTimeout(timer);
      resolve(line);
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new StartFault(`The embedded AWS ended at once (exit ${code}); ${why}.`));
    });
  });
