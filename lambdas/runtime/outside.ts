import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { addressRefusal, type Mirrors } from '../domain/public-url.ts';

/** How a function speaks to what people named: to the world alone, and to no address that it did not look at. */

/** How names are looked up and who may be spoken to: the world's own, but in tests. */
export interface Net {
  readonly resolve: (host: string) => Promise<readonly { readonly address: string; readonly family: number }[]>;
  /** Why an address may not be spoken to; undefined where it may. */
  readonly refusal: (address: string) => string | undefined;
  /** Whose certificates hold, where they are not the world's own. */
  readonly ca?: string;
  readonly timeoutMs: number;
}

/** The world, and what of the inside is allowed by name or CIDR. */
export const worldAnd = (mirrors: Mirrors): Net => ({
  resolve: (host) => lookup(host, { all: true }),
  refusal: (address) => addressRefusal(address, mirrors),
  timeoutMs: 10_000,
});

/**
 * Looks a name up, and lets nobody be spoken to where one of its addresses is inside: the connection is made to what was
 * looked at here, and nothing is looked up a second time. `refused` names the failure.
 */
export const lookupIn =
  ({ resolve, refusal }: Net, refused: (detail: string) => Error): LookupFunction =>
  (host, options, answer) => {
    const found = async () => {
      const addresses = await resolve(host);
      for (const { address } of addresses) {
        const why = refusal(address);
        if (why !== undefined) throw refused(`${host} is at ${address}, and ${why}`);
      }
      return addresses;
    };
    found().then(
      ([first, ...more]) => {
        if (!first) answer(refused(`${host} has no address`), '', 0);
        else if (options.all) answer(null, [first, ...more]);
        else answer(null, first.address, first.family);
      },
      (error: unknown) => answer(error instanceof Error ? error : new Error(String(error)), '', 0),
    );
  };
