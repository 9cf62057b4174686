import { generateKeyPairSync } from 'node:crypto';
import type { AuditEntry } from '../../lambdas/domain/audit-entry.ts';
import {
  type ChainedEntry,
  chained,
  GENESIS,
  type Head,
  type HeadKey,
  hashOf,
  keyIdOf,
  signed,
} from '../../lambdas/domain/chain.ts';
import type { Random } from './random.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const pem = String(publicKey.export({ type: 'spki', format: 'pem' }));

/** The key of these tests' heads. */
export const KEY: HeadKey = { keyId: keyIdOf(pem), algorithm: 'Ed25519', publicKey: pem };

const AT = Date.parse('2026-11-25T10:00:00.000Z');
const instant = (seconds: number): string => new Date(AT + seconds * 1000).toISOString();

/** An entry such as requests leave, of no request in particular. */
export const anEntry = (random: Random, number: number): AuditEntry => ({
  id: `aud-${String(number).padStart(16, '0')}`,
  at: instant(number),
  action: random.pick(['create-vm', 'stop-vm', 'delete-vm', 'create-token']),
  by: random.pick(['token:tok-1', 'oidc:https://issuer.test#ada', 'novacron:reclaim']),
  ...(random.chance(0.8) ? { from: `192.0.2.${random.whole(1, 254)}`, requestId: `r-${number}` } : {}),
  subject: `vm-${random.whole(1, 9)}`,
  outcome: random.pick(['accepted', 'done', 'refused', 'succeeded']),
  ...(random.chance(0.5) ? { before: { state: 'running', tags: { a: 'ä', b: null } } } : {}),
  ...(random.chance(0.5) ? { after: { state: 'stopped', sizes: [1, 2.5, 2.5e-7] } } : {}),
  version: 1,
});

/** The signed head of an entry. */
export const headOf = ({ project, seq, hash }: ChainedEntry): Head =>
  signed({ project, seq, hash, at: instant(10_000 + seq), keyId: KEY.keyId }, privateKey);

export interface Ledger {
  readonly entries: readonly ChainedEntry[];
  readonly heads: readonly Head[];
}

/** A whole chain; heads were signed over some entries, and over the last one. */
export const aLedger = (random: Random, length: number): Ledger => {
  const numbers = Array.from({ length }, (_, index) => index + 1);
  const entries = chained(
    GENESIS,
    numbers.map((number) => anEntry(random, number)),
  );
  return { entries, heads: entries.filter(({ seq }) => seq === length || random.chance(0.15)).map(headOf) };
};

/** The entry with its hash made anew: what a forger does who knows how chains are made. */
export const rehashed = (entry: ChainedEntry): ChainedEntry => ({ ...entry, hash: hashOf(entry) });

/** All entries numbered and linked anew, as a forger does who can write the whole table. */
export const relinked = (entries: readonly ChainedEntry[]): ChainedEntry[] =>
  chained(
    GENESIS,
    entries.map(({ seq: _, previous: __, hash: ___, ...entry }) => ({ ...entry, version: 1 })),
  );
