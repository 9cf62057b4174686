import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import * as z from 'zod';

/** The clone this plane belongs to. */
export const ROOT = resolve(import.meta.dirname, '..');

/** Everything the local plane writes lies here; two planes side by side have two homes and two ports. */
export const HOME = resolve(process.env.NOVACRON_HOME ?? join(ROOT, '.novacron'));

/** What planes of one clone share: the Python environment and the test image. */
export const inClone = (...parts: string[]): string => join(ROOT, '.novacron', ...parts);

export const inHome = (...parts: string[]): string => join(HOME, ...parts);

/** A process that we started, told from a later one with the same pid by its start time (clock ticks since boot). */
const StartedProcess = z.strictObject({ pid: z.number().int(), startTime: z.string() });
export type StartedProcess = z.infer<typeof StartedProcess>;

const LocalHost = z.strictObject({
  name: z.string(),
  /** `machine` = the libvirt of this machine; a number = that namespaced host of local/hosts.sh. */
  where: z.union([z.literal('machine'), z.number().int().positive()]),
  hostId: z.string(),
});
export type LocalHost = z.infer<typeof LocalHost>;

const Plane = z.strictObject({
  installation: z.string(),
  port: z.number().int(),
  account: z.string(),
  region: z.string(),
  emulator: StartedProcess.optional(),
  hosts: z.array(LocalHost),
  /** Digest of the sources that were last deployed, so that an unchanged clone starts in seconds. */
  deployed: z.string().optional(),
  outputs: z.record(z.string(), z.string()),
  /** Settings of the stacks that a start was given. */
  context: z.record(z.string(), z.string()).default({}),
});
export type Plane = z.infer<typeof Plane>;

const PLANE_FILE = 'plane.json';

/** What is known of this home's plane; a new installation id is minted once per home. */
export const loadPlane = (port: number | undefined): Plane => {
  const file = inHome(PLANE_FILE);
  if (existsSync(file)) {
    const plane = Plane.parse(JSON.parse(readFileSync(file, 'utf8')));
    return { ...plane, port: port ?? plane.port };
  }
  return {
    installation: `local-${randomBytes(2).toString('hex')}`,
    port: port ?? 4566,
    account: '000000000000',
    region: 'us-east-1',
    hosts: [],
    outputs: {},
    context: {},
  };
};

/** Written whole or not at all. */
export const savePlane = (plane: Plane): void => writeJson(inHome(PLANE_FILE), plane);

/** What the CLI needs to talk to this plane with no set-up. */
export const saveAccess = (access: { url: string; token: string; installation: string }): void =>
  writeJson(inHome('local.json'), access);

export const savedAccess = (): { url: string; token: string } | undefined => {
  const file = inHome('local.json');
  if (!existsSync(file)) return undefined;
  return z.object({ url: z.string(), token: z.string() }).parse(JSON.parse(readFileSync(file, 'utf8')));
};

const writeJson = (file: string, value: unknown): void => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
};
