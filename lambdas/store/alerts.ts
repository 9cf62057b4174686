import type { AlertRow } from '../domain/alerts/alert-row.ts';
import { partitionOf } from './project-keys.ts';
import * as table from './table.ts';

/** An alert that is over stays so long, so that its groups can tell of it even where a receiver is away. */
const KEPT_SECONDS = 86_400;

const keyOf = (project: string, fingerprint: string): table.Key => ({
  pk: partitionOf(project, 'alert'),
  sk: fingerprint,
});

/** How alerts lie in the state table: with their project; those that may inhibit others are found without the rest. */
export const entity: table.Entity<AlertRow> = {
  name: 'alert',
  key: ({ project, fingerprint }) => keyOf(project, fingerprint),
  indexes: ({ project, fingerprint, inhibits }) =>
    inhibits ? { gsi1: { pk: partitionOf(project, 'inhibiting'), sk: fingerprint } } : {},
  expiresAt: ({ endsAt }) => Math.floor(Date.parse(endsAt) / 1000) + KEPT_SECONDS,
};

/** One that there is, over or not. */
export const find = (project: string, fingerprint: string): Promise<AlertRow | undefined> =>
  table.get<AlertRow>(keyOf(project, fingerprint));

/** Those of these fingerprints that there are. */
export const these = (project: string, fingerprints: readonly string[]): Promise<AlertRow[]> =>
  table.getEach<AlertRow>(fingerprints.map((fingerprint) => keyOf(project, fingerprint)));

/** All of a project, those that are over for up to a day included. */
export const allOf = (project: string): Promise<AlertRow[]> =>
  Array.fromAsync(table.each<AlertRow>({ pk: partitionOf(project, 'alert'), limit: 500 }));

/** Those that may inhibit others. The index lags a moment behind the rows. */
export const inhibitingIn = (project: string): Promise<AlertRow[]> =>
  Array.fromAsync(table.each<AlertRow>({ index: 'gsi1', pk: partitionOf(project, 'inhibiting'), limit: 500 }));

/** @see table.writing */
export const writing = (alert: AlertRow): table.Write => table.writing(entity, alert);
