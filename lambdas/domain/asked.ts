import { createHash } from 'node:crypto';
import { canonical } from './canonical.ts';
import { Fault } from './faults.ts';
import type { Operation } from './operation.ts';
import type { Principal } from './principal.ts';

/** What an Idempotency-Key has done before, under this very request. */
export interface Earlier {
  /** The operation that it began: its answer is given again, whatever has become of the VM. */
  readonly operation?: Operation;
  /** Id of what it made or changed where no operation remembers it. */
  readonly subject?: string;
}

/** One request as rows remember it: who asks for what, from where, when, and under which key. */
export interface Asked {
  readonly by: Principal;
  /** The route's word, e.g. `stop-vm`. */
  readonly action: string;
  /** Source address. */
  readonly from: string;
  readonly requestId: string;
  /** The moment of asking, an Instant. */
  readonly at: string;
  /** The Idempotency-Key, where one was sent. */
  readonly key?: string;
  /** What that key has done before. */
  readonly earlier?: Earlier;
  /** sha256 of (method, path, body). */
  readonly hash: string;
  /** ETag that the row must still have. */
  readonly ifMatch?: string;
}

/** What makes two requests the same one: method, path, query and body, however the body is spelt. */
export const requestHash = (method: string, path: string, input: { query?: unknown; body?: unknown }): string =>
  createHash('sha256')
    .update(`${method}\n${path}\n${canonical(input.query ?? {})}\n${canonical(input.body ?? null)}`)
    .digest('hex');

/** The ETag of a row. */
export const etagOf = (row: { readonly version: number }): string => `"${row.version}"`;

/** Whether a request's If-Match allows a change of this row; `*` allows any. */
export const matches = (ifMatch: string | undefined, row: { readonly version: number }): boolean =>
  ifMatch === undefined || ifMatch === '*' || ifMatch.split(',').some((tag) => tag.trim() === etagOf(row));

/** A row that people know by its name, or else by its id. */
interface Known {
  readonly id: string;
  readonly name?: string;
  readonly version: number;
}

/** Refuses a change of a row that is another by now than who asks has seen. @throws PreconditionFailed */
export const assertUnchanged = (row: Known, { ifMatch }: Pick<Asked, 'ifMatch'>): void => {
  if (matches(ifMatch, row)) return;
  throw new Fault('PreconditionFailed', `${row.name ?? row.id} is ${etagOf(row)} now, not ${ifMatch}.`);
};
