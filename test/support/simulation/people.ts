import { call, type Got } from '../api.ts';
import type { World } from './world.ts';

/** One thing that somebody asks for. */
export interface Wish {
  readonly line: string;
  readonly body?: unknown;
}

/** What came of asking, as the caller knows it. */
export interface Told {
  readonly wish: Wish;
  /** The operation he was promised, where he was. */
  readonly operationId?: string;
  readonly vmId?: string;
  /** The answer's status; 0 where none ever came. */
  readonly status: number;
}

const TRIES = 10;

/** People and programs: each asks by a key of its own, and asks again by it until there is an answer. */
export class People {
  readonly told: Told[] = [];
  waiting = 0;
  readonly #world: World;
  #keys = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Asks, after so many milliseconds; sometimes twice at once. */
  askAfter(milliseconds: number, wish: () => Wish | undefined): void {
    this.waiting += 1;
    this.#world.scheduler.after(milliseconds, '', () => {
      this.waiting -= 1;
      const wanted = wish();
      if (wanted === undefined) return;
      const key = this.#nextKey();
      void this.ask(wanted, key);
      if (this.#world.faults.fires('asked-twice')) void this.ask(wanted, key);
    });
  }

  #nextKey(): string {
    this.#keys += 1;
    return `key-${this.#keys}`;
  }

  async ask(wish: Wish, key = this.#nextKey()): Promise<Told> {
    this.waiting += 1;
    const { scheduler, random } = this.#world;
    scheduler.note(`somebody asks: ${wish.line} (${key})`);
    let told: Told = { wish, status: 0 };
    for (let tries = 0; tries < TRIES; tries += 1) {
      const got = await this.#send(wish, key);
      if (got !== undefined && got.status < 500) {
        told = toldOf(wish, got);
        break;
      }
      await new Promise<void>((resolve) => scheduler.after(random.between(500, 4_000), '', resolve));
    }
    scheduler.note(`somebody is told: ${told.status} ${told.operationId ?? ''} ${told.vmId ?? ''}`);
    this.told.push(told);
    this.waiting -= 1;
    return told;
  }

  async #send({ line, body }: Wish, key: string): Promise<Got | undefined> {
    const sent = {
      token: this.#world.operator,
      headers: { 'idempotency-key': key },
      ...(body === undefined ? {} : { body }),
    };
    const ended = await this.#world.lambda.invoke('api write', 29, () => call(line, sent));
    // It is what `call` answers.
    return 'result' in ended ? (ended.result as Got) : undefined;
  }
}

const toldOf = (wish: Wish, { status, body }: Got): Told => ({
  wish,
  status,
  ...(status === 202 ? { operationId: (body.operation ?? body).id, vmId: body.vmId } : {}),
});
