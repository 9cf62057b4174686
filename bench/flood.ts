import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import { NO_PLANE, type Plane, runningPlane } from './plane.ts';
import { percentile, rounded } from './samples.ts';

/**
 * node bench/flood.ts, beside a plane that limits as in the cloud (npm start -- --context principalRateLimit=50 --context
 * projectRateLimit=100): what one principal gets that asks as fast as it can, and what it means for another, whose quiet and
 * flooded times take turns in one run.
 */
const ROUNDS = 8;
const SECONDS = 10;
const LANES = 8;
const NEIGHBOUR_GAP_MS = 150;

interface Asked {
  readonly status: number;
  readonly ms: number;
}

const Made = z.object({ id: z.string(), token: z.string() });

const post = (plane: Plane, method: string, path: string, body?: object) =>
  fetch(`${plane.url}${path}`, {
    method,
    headers: { ...plane.headers, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

const ask = async (plane: Plane, token: string): Promise<Asked> => {
  const start = performance.now();
  const reply = await fetch(`${plane.url}/v1/me`, { headers: { authorization: `Bearer ${token}` } });
  await reply.arrayBuffer();
  return { status: reply.status, ms: performance.now() - start };
};

const repeat = async (plane: Plane, token: string, until: number, gapMs: number): Promise<Asked[]> => {
  const asked: Asked[] = [];
  while (Date.now() < until) {
    asked.push(await ask(plane, token));
    if (gapMs > 0) await wait(gapMs);
  }
  return asked;
};

const flood = async (plane: Plane, token: string, until: number): Promise<Asked[]> =>
  (await Promise.all(Array.from({ length: LANES }, () => repeat(plane, token, until, 0)))).flat();

const figuresOf = (who: string, asked: readonly Asked[], status: number, rounds: number) => {
  const ms = asked.filter((each) => each.status === status).map((each) => each.ms);
  return {
    who,
    status,
    perSecond: rounded(ms.length / (rounds * SECONDS)),
    p50Ms: rounded(percentile(ms, 0.5)),
    p99Ms: rounded(percentile(ms, 0.99)),
  };
};

const measured = async (plane: Plane) => {
  const make = async (name: string) =>
    Made.parse(await (await post(plane, 'POST', '/v1/tokens', { name, role: 'viewer' })).json());
  const [flooder, neighbour] = [await make('flooder'), await make('neighbour')];
  const [quiet, flooded, floods]: Asked[][] = [[], [], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    const until = Date.now() + SECONDS * 1000;
    const isFlooded = round % 2 === 1;
    const [own, other] = await Promise.all([
      repeat(plane, neighbour.token, until, NEIGHBOUR_GAP_MS),
      isFlooded ? flood(plane, flooder.token, until) : [],
    ]);
    (isFlooded ? flooded : quiet)?.push(...own);
    floods?.push(...other);
  }
  for (const { id } of [flooder, neighbour]) await post(plane, 'DELETE', `/v1/tokens/${id}`);
  return [
    figuresOf('neighbour, quiet', quiet ?? [], 200, ROUNDS / 2),
    figuresOf('neighbour, flooded', flooded ?? [], 200, ROUNDS / 2),
    figuresOf('neighbour, flooded', flooded ?? [], 429, ROUNDS / 2),
    figuresOf('flooder', floods ?? [], 200, ROUNDS / 2),
    figuresOf('flooder', floods ?? [], 429, ROUNDS / 2),
  ];
};

const plane = await runningPlane();
console.table(plane ? await measured(plane) : NO_PLANE);
