import { expect } from 'vitest';
import type { AlertWorld } from './alert-world.ts';
import { call, signIn } from './api.ts';
import { Death } from './death.ts';

/** The function that tells of groups in a world of alerts; it alone dies, at one of its calls. */
export class DyingTeller {
  #death: Death | undefined;
  readonly #world: () => AlertWorld;

  constructor(world: () => AlertWorld) {
    this.#world = world;
  }

  /** One of its calls, of the table or of a receiver. */
  around = <T>(work: () => T | Promise<T>): Promise<T> =>
    this.#death ? this.#death.around(work) : Promise.resolve(work());

  /** Lets it run once, and die at its `at`-th call. Nobody calls it again: what is left the next tick finds. @returns its calls, and whether it died */
  async dies(tell: () => Promise<unknown>, at: number, when: 'before' | 'after'): Promise<Death> {
    const death = new Death(at, when);
    this.#death = death;
    await tell().catch((error: unknown) => expect(error).toMatchObject({ message: 'dead' }));
    this.#death = undefined;
    return death;
  }

  /**
   * One story in which the first that runs dies at its call. `known` counts the words that rows know of.
   * @returns calls that the first made, and how many words it said that no row knows of
   */
  async lived(at: number, when: 'before' | 'after', known: () => number): Promise<{ calls: number; unknown: number }> {
    const world = this.#world();
    let [calls, unknown] = [0, 0];
    world.run = async (tell) => {
      const death = await this.dies(tell, at, when);
      calls ||= death.calls;
      if (!death.isDead) return;
      unknown = world.posts.length - known();
      world.run = (other) => other();
    };
    await world.until(280);
    return { calls, unknown };
  }
}

/** Routes alerts as a file says, and lets alerts with these labels fire. */
export const fire = async (yaml: string, all: readonly Record<string, string>[]): Promise<void> => {
  const token = await signIn('operator', { expiresAt: '2099-01-01T00:00:00.000Z' });
  expect((await call('POST /v1/routes', { token, body: { yaml } })).status).toBe(200);
  const times = { startsAt: new Date(Date.now()).toISOString(), endsAt: '2026-11-25T20:00:00.000Z' };
  const body = all.map((labels) => ({ labels, ...times }));
  expect((await call('POST /api/v2/alerts', { token, body })).status).toBe(200);
};

/** How often each was told. */
export const countsOf = (told: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const each of told) counts[each] = (counts[each] ?? 0) + 1;
  return counts;
};
