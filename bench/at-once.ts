import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import { isOpen, Operation } from '../lambdas/domain/operation.ts';
import { NO_PLANE, type Plane, runningPlane } from './plane.ts';
import { percentile, rounded } from './samples.ts';

export interface AtOnceFigures {
  readonly asked: number;
  /** From the first request to the last answer. */
  readonly acceptedSeconds: number;
  readonly states: Record<string, number>;
  readonly endedSeconds: number;
  /** Of GET /v1/operations/{id} while they run. */
  readonly statusP50Ms: number;
  readonly statusP99Ms: number;
  /** Of these questions, how many were refused by 429 or 5xx, and asked again. */
  readonly statusRefused: number;
}

const Accepted = z.object({ id: z.string(), vmId: z.string() });
const Asked = z.object({ state: Operation.shape.state });

const ask = (plane: Plane, method: string, path: string, key: string, body?: object): Promise<Response> =>
  fetch(`${plane.url}${path}`, {
    method,
    headers: { ...plane.headers, 'content-type': 'application/json', 'idempotency-key': key },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });

const AGAIN_MS = 500;
/** 200 at once are all accepted within a fraction of it; what is refused for longer is broken, not busy. */
const PATIENCE_MS = 180_000;

const isPassing = (status: number): boolean => status === 429 || status >= 500;

/** A plane that refused for so long that asking again is of no use. */
class StillRefused extends Error {
  override readonly name = 'StillRefused';
}

/**
 * Asks by one key until it is accepted, as clients do whom the gateway or Lambda refuses in a burst.
 * @throws StillRefused once patience is over, Error on a refusal that no repeat changes
 */
const insist = async (plane: Plane, method: string, path: string, body?: object): Promise<Response> => {
  const key = crypto.randomUUID();
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const reply = await ask(plane, method, path, key, body);
    if (reply.status === 202) return reply;
    const said = `${method} ${path} → ${reply.status} ${(await reply.text()).slice(0, 200)}`;
    if (!isPassing(reply.status)) throw new Error(said);
    if (performance.now() > until) throw new StillRefused(`${said}, for ${PATIENCE_MS / 1_000} s`);
    await wait(AGAIN_MS);
  }
};

const create = async (plane: Plane, name: string): Promise<z.infer<typeof Accepted>> => {
  const body = { name, provider: 'ec2', image: 'al2023', size: 'small', ready: 'running' };
  return Accepted.parse(await (await insist(plane, 'POST', '/v1/vms', body)).json());
};

/** Nothing where the plane is busy, and is to be asked again. @throws Error on a refusal that no repeat changes */
const answered = (reply: Response, text: string): z.infer<typeof Asked> | undefined => {
  if (reply.ok) return Asked.parse(JSON.parse(text));
  if (isPassing(reply.status)) return undefined;
  throw new Error(`GET ${reply.url} → ${reply.status} ${text.slice(0, 200)}`);
};

/** Asks for one after the other, again and again, until none is open. */
const follow = async (plane: Plane, ids: readonly string[]) => {
  const states = new Map<string, string>();
  const samples: number[] = [];
  let refused = 0;
  while (states.size < ids.length) {
    for (const id of ids.filter((each) => !states.has(each))) {
      const start = performance.now();
      const reply = await fetch(`${plane.url}/v1/operations/${id}`, { headers: plane.headers });
      const text = await reply.text();
      samples.push(performance.now() - start);
      const operation = answered(reply, text);
      if (!operation) refused += 1;
      else if (!isOpen(operation)) states.set(id, operation.state);
    }
    await wait(200);
  }
  return { states: [...states.values()], samples, refused };
};

const counted = (names: readonly string[]): Record<string, number> =>
  Object.fromEntries([...new Set(names)].map((name) => [name, names.filter((each) => each === name).length]));

/** So many creates on EC2 asked for in one moment, each followed to its end; the VMs are deleted afterwards. */
export const atOnceFigures = async (count: number): Promise<AtOnceFigures | { skipped: string }> => {
  const plane = await runningPlane();
  if (!plane) return NO_PLANE;
  const start = performance.now();
  const secondsNow = (): number => rounded((performance.now() - start) / 1_000);
  const names = Array.from({ length: count }, (_, index) => `bench-${Date.now().toString(36)}-${index}`);
  const accepted = await Promise.all(names.map((name) => create(plane, name)));
  const acceptedSeconds = secondsNow();
  const { states, samples, refused } = await follow(
    plane,
    accepted.map(({ id }) => id),
  );
  const endedSeconds = secondsNow();
  await Promise.all(accepted.map(({ vmId }) => insist(plane, 'DELETE', `/v1/vms/${vmId}`)));
  return {
    asked: count,
    acceptedSeconds,
    states: counted(states),
    endedSeconds,
    statusP50Ms: rounded(percentile(samples, 0.5)),
    statusP99Ms: rounded(percentile(samples, 0.99)),
    statusRefused: refused,
  };
};
