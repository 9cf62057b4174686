import type { Host } from '../domain/host.ts';
import { DEFAULT_PROJECT, newId } from '../domain/ids.ts';
import * as table from '../store/table.ts';
import * as tokens from '../store/tokens.ts';

const DAY_MS = 86_400_000;

/** The first token stands in SSM's command history for 30 days, so it dies soon; a host has its next one with its first report. */
export const FIRST_TOKEN_MS = DAY_MS;
const TOKEN_MS = 90 * DAY_MS;

/** A host may be away for weeks and still find its token good. */
const RENEW_BEFORE_MS = 30 * DAY_MS;

/** Makes a token with which this host may report, and nobody else, and nothing else. @returns its text, which is stored nowhere */
export const hostToken = async (host: Host, at: string, lifeMs: number): Promise<string> => {
  const minted = tokens.mint();
  const now = Date.parse(at);
  await table.transact([
    tokens.inserting({
      id: newId('tok', now),
      name: `host ${host.name}`,
      role: 'host',
      project: DEFAULT_PROJECT,
      system: false,
      hostId: host.id,
      hash: tokens.hashOf(minted),
      by: `host:${host.id}`,
      createdAt: at,
      expiresAt: new Date(now + lifeMs).toISOString(),
      version: 1,
    }),
  ]);
  return minted;
};

/** The next token of a host whose present one ends before long; offered with each answer until the host uses it. */
export const renewedToken = async (host: Host, at: string, endsAt: string | undefined): Promise<string | undefined> =>
  endsAt === undefined || Date.parse(endsAt) - Date.parse(at) > RENEW_BEFORE_MS
    ? undefined
    : hostToken(host, at, TOKEN_MS);

/** Ends every token of a host, unused ones of its install line too; those alone that were made before `madeBefore`, where it is given. */
export const revokeHostTokens = async (hostId: string, at: string, madeBefore?: string): Promise<void> => {
  for await (const token of tokens.ofHost(hostId)) {
    const isMeant = madeBefore === undefined || token.createdAt < madeBefore;
    if (isMeant && token.revokedAt === undefined) await table.save(tokens.changing({ ...token, revokedAt: at }));
  }
};
