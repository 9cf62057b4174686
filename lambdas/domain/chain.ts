import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import * as z from 'zod';
import { AuditEntry } from './audit-entry.ts';
import { canonical } from './canonical.ts';
import { Instant } from './ids.ts';
import { ProjectId, projectOf } from './project.ts';

const Hash = z.string().regex(/^[0-9a-f]{64}$/);

/** An audit entry in the chain of its project: `hash` is over all the rest of it, `previous` among it. */
export const ChainedEntry = AuditEntry.omit({ version: true })
  .extend({
    project: ProjectId,
    /** 1, 2, 3 … without a gap. */
    seq: z.number().int().positive(),
    /** Hash of the entry before; of the first one, GENESIS. */
    previous: Hash,
    hash: Hash,
  })
  .meta({ id: 'AuditEntry' });
export type ChainedEntry = z.infer<typeof ChainedEntry>;

/** How far a chain went at a moment, signed: kept where nobody can take it back. */
export const Head = z
  .strictObject({
    project: ProjectId,
    seq: z.number().int().positive(),
    hash: Hash,
    at: Instant,
    /** Which key signed: the first 16 digits of the sha256 of the public key (DER, SPKI). */
    keyId: z.string().regex(/^[0-9a-f]{16}$/),
    /** Ed25519 over the canonical JSON of the other fields, base64url. */
    signature: z.string().regex(/^[\w-]{86}$/),
  })
  .meta({ id: 'AuditHead' });
export type Head = z.infer<typeof Head>;

/** A key by which heads are checked. */
export const HeadKey = z
  .strictObject({ keyId: z.string(), algorithm: z.literal('Ed25519'), publicKey: z.string() })
  .meta({ id: 'AuditKey' });
export type HeadKey = z.infer<typeof HeadKey>;

/** Where a chain stands: its last entry. */
export interface Standing {
  readonly seq: number;
  readonly hash: string;
}

/** Before the first entry. */
export const GENESIS: Standing = { seq: 0, hash: '0'.repeat(64) };

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

/** What an entry's hash must be. */
export const hashOf = ({ hash: _, ...rest }: { readonly seq: number; readonly hash?: string }): string =>
  sha256(canonical(rest));

/** The entries as links behind `last`, in their order. */
export const chained = (last: Standing, entries: readonly AuditEntry[]): ChainedEntry[] => {
  let { seq, hash } = last;
  return entries.map(({ version: _, ...entry }) => {
    const link = { ...entry, project: projectOf(entry), seq: seq + 1, previous: hash };
    hash = hashOf(link);
    seq += 1;
    return { ...link, hash };
  });
};

/** The name of a public key. @throws where it is no key in PEM */
export const keyIdOf = (publicKey: string): string =>
  sha256(createPublicKey(publicKey).export({ type: 'spki', format: 'der' })).slice(0, 16);

/** Signs how far a chain went. */
export const signed = (head: Omit<Head, 'signature'>, privateKey: KeyObject): Head => ({
  ...head,
  signature: sign(null, Buffer.from(canonical(head)), privateKey).toString('base64url'),
});

const isKey = ({ keyId, publicKey }: HeadKey): boolean => {
  try {
    return keyIdOf(publicKey) === keyId;
  } catch {
    return false;
  }
};

/** Whether one of these keys has signed the head as it is. A key whose name is not its own counts for nothing. */
export const isSigned = ({ signature, ...head }: Head, keys: readonly HeadKey[]): boolean =>
  keys
    .filter((key) => key.keyId === head.keyId && isKey(key))
    .some(({ publicKey }) =>
      verify(null, Buffer.from(canonical(head)), publicKey, Buffer.from(signature, 'base64url')),
    );
