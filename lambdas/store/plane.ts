import type { AuditRun, Collector, Leftover } from '../domain/collection.ts';
import type { Finding } from '../domain/invariants/kinds.ts';
import * as table from './table.ts';

/** The last audit: one row, so the longest lists are cut (a row holds 400 KiB). */
export interface KeptRun extends AuditRun {
  readonly findings: readonly Finding[];
  readonly leftovers: readonly Leftover[];
  readonly version: number;
}

/** The most findings, and the most leftovers, that are kept of one audit. */
export const KEPT = 500;

const run: table.Entity<KeptRun> = { name: 'audit-run', key: () => ({ pk: 'plane', sk: 'audit-run' }) };
const collector: table.Entity<Collector> = { name: 'collector', key: () => ({ pk: 'plane', sk: 'collector' }) };

/** The last audit; undefined before the first. */
export const lastRun = (): Promise<KeptRun | undefined> => table.get<KeptRun>({ pk: 'plane', sk: 'audit-run' });

/** Keeps an audit in place of the one before it. */
export const keepRun = (before: KeptRun | undefined, after: Omit<KeptRun, 'version'>): Promise<void> =>
  table.save(table.put(run, { ...after, version: (before?.version ?? 0) + 1 }));

/** What the collector knows; undefined before the first audit. */
export const findCollector = (): Promise<Collector | undefined> =>
  table.get<Collector>({ pk: 'plane', sk: 'collector' });

/** Its next version, to stand in a transaction; the first where there was none. */
export const changingCollector = (before: Collector | undefined, after: Omit<Collector, 'version'>): table.Write =>
  before === undefined
    ? table.putNew(collector, { ...after, version: 1 })
    : table.swapping(collector, { ...after, version: before.version + 1 });
