import { createRequire, syncBuiltinESMExports } from 'node:module';
import type { Random } from '../random.ts';
import { running } from './lambda.ts';
import type { Scheduler } from './scheduler.ts';

/** What handlers take from the machine they run on, replaced while a world turns: clock, chance and waiting. */
interface Surroundings {
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** What answers `fetch`: its status and text are read, and no more. Without it nobody does. */
  readonly bucket?: { readonly fetch: (url: URL, init: RequestInit) => Promise<Pick<Response, 'status' | 'text'>> };
}
let surroundings: Surroundings | undefined;

const RealDate = Date;
const realRandom = Math.random;
const realEnvironment = process.env;
const realFetch = globalThis.fetch;
const realTimeout = AbortSignal.timeout;
/** What S3's signatures are made with. */
export const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' };

class WorldDate extends RealDate {
  constructor(...given: readonly unknown[]) {
    // Date has many constructors; which of them is meant is the caller's to know.
    if (given.length === 0) super(WorldDate.now());
    else super(...(given as [string]));
  }
  static override now(): number {
    if (surroundings === undefined) return RealDate.now();
    return surroundings.scheduler.now + (running.getStore()?.offMs ?? 0);
  }
}

const require = createRequire(import.meta.url);
/** Built-in modules, whose functions are bound live: what is set here is seen by every import of them. */
const crypto = require('node:crypto') as { randomBytes: unknown; randomUUID: unknown };
const timers = require('node:timers/promises') as { setTimeout: unknown };
const real = { ...crypto, setTimeout: timers.setTimeout };

const uuid = (random: Random): string =>
  random
    .bytes(16)
    .toString('hex')
    .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-8$4-$5');

/** One function for all worlds: a provider that is made once keeps what it was given. */
const wait = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    surroundings?.scheduler.after(milliseconds, '', resolve);
  });

const timeout = (milliseconds: number): AbortSignal => {
  const controller = new AbortController();
  surroundings?.scheduler.after(milliseconds, '', () => controller.abort(new DOMException('', 'TimeoutError')), true);
  return controller.signal;
};

/** Puts a world's clock and chance in the place of the machine's. */
export const enter = (world: Surroundings): void => {
  surroundings = world;
  globalThis.Date = WorldDate as DateConstructor;
  Math.random = () => world.random.next();
  // Each look at the machine's own is a call of its C library, and libraries look at each request.
  process.env = { ...realEnvironment, ...CREDENTIALS };
  if (world.bucket) globalThis.fetch = world.bucket.fetch as typeof fetch;
  AbortSignal.timeout = timeout;
  crypto.randomBytes = (count: number) => world.random.bytes(count);
  crypto.randomUUID = () => uuid(world.random);
  timers.setTimeout = wait;
  syncBuiltinESMExports();
};

/** Gives the machine its own back. */
export const leave = (): void => {
  surroundings = undefined;
  globalThis.Date = RealDate;
  Math.random = realRandom;
  process.env = realEnvironment;
  globalThis.fetch = realFetch;
  AbortSignal.timeout = realTimeout;
  crypto.randomBytes = real.randomBytes;
  crypto.randomUUID = real.randomUUID;
  timers.setTimeout = real.setTimeout;
  syncBuiltinESMExports();
};
