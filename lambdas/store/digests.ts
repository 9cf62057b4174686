import type { Named } from '../domain/alerts/answer-token.ts';
import { partitionOf } from './project-keys.ts';
import * as table from './table.ts';

/** What a digest named that fired, where a link has no room for it: read by nobody but whoever has the link. */
export interface DigestNamed {
  /** As links name the digest. */
  readonly id: string;
  readonly project: string;
  /** The worst first. */
  readonly alerts: readonly Named[];
  /** How many fired beside them. */
  readonly more: number;
  /** When the link ends: an Instant. */
  readonly keptUntil: string;
  readonly version: number;
}

const keyOf = (project: string, id: string): table.Key => ({ pk: partitionOf(project, 'digest'), sk: id });

/** How it lies in the state table: with its project. */
export const entity: table.Entity<DigestNamed> = {
  name: 'digest',
  key: ({ project, id }) => keyOf(project, id),
  expiresAt: ({ keptUntil }) => Math.floor(Date.parse(keptUntil) / 1000),
};

export const find = (project: string, id: string): Promise<DigestNamed | undefined> =>
  table.get<DigestNamed>(keyOf(project, id));

/** Keeps what a digest names. One that is told once more names the same. */
export const keep = async (named: Omit<DigestNamed, 'version'>): Promise<void> => {
  if ((await find(named.project, named.id)) === undefined)
    await table.save(table.putNew(entity, { ...named, version: 1 }));
};
