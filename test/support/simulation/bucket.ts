import { createHash } from 'node:crypto';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { UserDataObject } from '../../../lambdas/providers/kvm/seed.ts';
import { s3 } from '../../../lambdas/runtime/clients.ts';
import { HostRefusal } from './fence.ts';
import { CREDENTIALS } from './now.ts';
import { awsError } from './refusals.ts';
import type { Command } from './transport.ts';
import type { World } from './world.ts';

/** What code reads of an answer; a Response of Node's own would be read outside of the world's turns. */
interface Answer {
  readonly status: number;
  readonly text: () => Promise<string>;
}

const answer = (status: number, text = ''): Answer => ({ status, text: async () => text });

/** S3 takes a signature of which the clock is off by so much ("Authenticating Requests", Amazon S3 API Reference). */
const SKEW_MS = 15 * 60_000;

/** `20261125T100000Z`, as signatures write it. */
const instantOf = (date: string): number =>
  Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));

const keyOf = ({ pathname }: URL): string => decodeURIComponent(pathname.slice(1));

const warmed = async (): Promise<void> => {
  const { env } = process;
  process.env = { ...env, ...CREDENTIALS };
  try {
    await getSignedUrl(s3(), new GetObjectCommand({ Bucket: 'bucket', Key: 'none' }));
  } finally {
    process.env = env;
  }
};
let warmth: Promise<void> | undefined;

/**
 * Lets the SDK read its settings files before a world turns: what waits for the machine would not come back in a world's own time.
 * Later signatures wait for nothing.
 */
export const warmSigner = (): Promise<void> => {
  warmth ??= warmed();
  return warmth;
};

/** The bucket in which user-data waits for its launch: as REST by `fetch`, as the SDK's commands, and as a host meets it by URL. */
export class Bucket {
  readonly #objects = new Map<string, { readonly text: string; readonly at: number }>();
  /** What was ever put, by key: what was asked for. */
  readonly put = new Map<string, string>();
  /** Keys that a function has begun to ask the end of, whether that came here or not. */
  readonly unwanted = new Set<string>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** Keys of what lies there. */
  get keys(): readonly string[] {
    return [...this.#objects.keys()];
  }

  /** In the place of the machine's own. */
  readonly fetch = (input: URL, { method, body, signal }: RequestInit): Promise<Answer> => {
    const key = keyOf(input);
    const isDeaf = method === 'DELETE' && this.#world.defects.keepsUserData === true;
    if (method === 'DELETE' && !isDeaf) this.unwanted.add(key);
    const call = `s3:${method === 'DELETE' ? 'DeleteObject' : 'PutObject'}`;
    const came = this.#world.transport.request(call, () => {
      if (method === 'PUT') this.#keep(key, String(body));
      else if (method !== 'DELETE') throw new Error(`the bucket does not know ${method}`);
      else if (!isDeaf) this.#objects.delete(key);
      return answer(method === 'PUT' ? 200 : 204);
    });
    const over = new Promise<never>((_, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason));
    });
    return Promise.race([came.catch(refused), over]);
  };

  readonly serve = (command: Command): unknown => {
    if (command instanceof GetObjectCommand) {
      const text = this.#read(command.input.Key ?? '');
      if (text === undefined) throw awsError('NoSuchKey', 404);
      return { Body: { transformToByteArray: async () => Buffer.from(text) } };
    }
    if (command instanceof ListObjectsV2Command) {
      return { Contents: [...this.#objects].map(([Key, { at }]) => ({ Key, LastModified: new Date(at) })) };
    }
    throw new Error(`S3 does not know ${command.constructor.name}`);
  };

  /** fetching.py: what a host gets by the plane's own URL. @throws HostRefusal ImageUrlRefused, ChecksumMismatch */
  fetched({ url, sha256 }: UserDataObject): string {
    const { now } = this.#world.scheduler;
    const place = new URL(url);
    const signedAt = instantOf(place.searchParams.get('X-Amz-Date') ?? '');
    const isGood = signedAt <= now + SKEW_MS && now < signedAt + Number(place.searchParams.get('X-Amz-Expires')) * 1000;
    const text = isGood ? this.#read(keyOf(place)) : undefined;
    if (text === undefined) throw new HostRefusal('ImageUrlRefused', `user-data answers ${isGood ? 404 : 403}`);
    if (createHash('sha256').update(text).digest('hex') !== sha256)
      throw new HostRefusal('ChecksumMismatch', 'user-data');
    return text;
  }

  #keep(key: string, text: string): void {
    this.#objects.set(key, { text, at: this.#world.scheduler.now });
    this.put.set(key, text);
  }

  #read(key: string): string | undefined {
    const own = this.#objects.get(key)?.text;
    return own === undefined || !this.#world.defects.mixesUserData ? own : [...this.put.values()][0];
  }
}

/** What the transport refuses in the SDK's words, as `fetch` tells it: an answer of S3's, or none at all. */
const refused = (error: unknown): Answer => {
  const status = Object(Object(error).$metadata).httpStatusCode;
  if (typeof status !== 'number') throw new Error('fetch failed', { cause: error });
  return answer(status, `<Error><Code>${Object(error).name}</Code></Error>`);
};
