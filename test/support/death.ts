/** The death of one function at its n-th call: before that takes effect, or after. */
export class Death {
  calls = 0;
  isDead = false;
  readonly #at: number;
  readonly #when: 'before' | 'after';

  constructor(at = 0, when: 'before' | 'after' = 'before') {
    this.#at = at;
    this.#when = when;
  }

  async around<T>(work: () => T | Promise<T>): Promise<T> {
    this.calls += 1;
    if (this.isDead || (this.calls === this.#at && this.#when === 'before')) this.#die();
    const mine = this.calls;
    const done = await work();
    if (this.isDead || (mine === this.#at && this.#when === 'after')) this.#die();
    return done;
  }

  #die(): never {
    this.isDead = true;
    throw new Error('dead');
  }
}

/** Each of so many calls, before it takes effect and after: where a test has whoever makes them die. */
export const deathsOf = (calls: number): (readonly ['before' | 'after', number])[] =>
  Array.from({ length: calls }, (_, index) => index + 1).flatMap((at) =>
    (['before', 'after'] as const).map((when) => [when, at] as const),
  );
