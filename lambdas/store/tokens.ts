import { createHash, randomBytes } from 'node:crypto';
import * as z from 'zod';
import { DEFAULT_PROJECT, Instant, TokenId } from '../domain/ids.ts';
import { Role } from '../domain/principal.ts';
import { ProjectId, projectOf } from '../domain/project.ts';
import { partitionOf } from './project-keys.ts';
import * as table from './table.ts';

/** A bearer token of ours. The table knows only the hash of its text. */
export const Token = z.strictObject({
  id: TokenId,
  name: z.string(),
  role: Role,
  /** The one project that it is good for; absent in rows of before there were projects: `default`. */
  project: ProjectId.optional(),
  /** Whether it administers the installation, too; every admin of before there were projects does. */
  system: z.boolean().optional(),
  hostId: z.string().optional(),
  hash: z.string(),
  /** Who made it. */
  by: z.string(),
  createdAt: Instant,
  expiresAt: Instant,
  revokedAt: Instant.optional(),
  version: z.number().int().positive(),
});
export type Token = z.infer<typeof Token>;

/** Revoked and expired ones stay a while, so that a list explains why a program is refused. */
const KEPT_DAYS = 30;

const entity: table.Entity<Stored> = {
  name: 'token',
  key: ({ hash }) => keyOf(hash),
  indexes: (token) => ({
    gsi1: { pk: partitionOf(projectOf(token), 'token'), sk: `${token.createdAt}#${token.id}` },
  }),
  expiresAt: ({ until }) => Math.floor(Date.parse(until) / 1000) + KEPT_DAYS * 86_400,
};

/** In the table `expiresAt` is the TTL attribute, so a token's own end is called `until`. */
type Stored = Omit<Token, 'expiresAt'> & { readonly until: string };

const toStored = ({ expiresAt, ...rest }: Token): Stored => ({ ...rest, until: expiresAt });
const toToken = ({ until, ...rest }: Stored): Token => ({ ...rest, expiresAt: until });

const keyOf = (hash: string): table.Key => ({ pk: `token#${hash}`, sk: 'token' });

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** What all our tokens look like: 32 random bytes behind a prefix that secret scanners can know. */
export const SHAPE = /^nc_[A-Za-z0-9_-]{43}$/;

/** The text of a new token: shown once, never stored. */
export const mint = (): string => `nc_${randomBytes(32).toString('base64url')}`;

/** A new token as a write of a transaction. */
export const inserting = (token: Token): table.Write => table.putNew(entity, toStored(token));

/** The token of this text, whatever its state. */
export const byText = async (text: string): Promise<Token | undefined> => {
  const stored = await table.get<Stored>(keyOf(hashOf(text)));
  return stored && toToken(stored);
};

/** Whether a token administers the installation. */
export const isSystem = ({ system, project, role }: Token): boolean =>
  system ?? (project === undefined && role === 'admin');

/** One page of a project's tokens, newest first. */
export const page = async (
  project: string,
  range: Pick<table.Range, 'limit' | 'after'>,
): Promise<table.Slice<Token>> => {
  const pk = partitionOf(project, 'token');
  const slice = await table.query<Stored>({ ...range, index: 'gsi1', pk, newestFirst: true });
  return { ...slice, rows: slice.rows.map(toToken) };
};

/** Every token of a project, newest first. */
export async function* allOf(project: string): AsyncGenerator<Token> {
  const pk = partitionOf(project, 'token');
  for await (const stored of table.each<Stored>({ index: 'gsi1', pk, newestFirst: true })) yield toToken(stored);
}

export const positionOf = (token: Token): Record<string, unknown> => table.positionOf(entity, toStored(token), 'gsi1');

/** Writes a token's next version, e.g. revoked. */
export const changing = (after: Token): table.Write => table.swapping(entity, toStored(table.next(after)));

/** The tokens of a host, to be looked up when it goes. */
export async function* ofHost(hostId: string): AsyncGenerator<Token> {
  for await (const token of allOf(DEFAULT_PROJECT)) if (token.hostId === hostId) yield token;
}

/** The token of this id in this project; tokens are few, and this is asked once in a blue moon. */
export const find = async (project: string, id: string): Promise<Token | undefined> => {
  for await (const token of allOf(project)) if (token.id === id) return token;
  return undefined;
};
