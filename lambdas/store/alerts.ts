import type { AlertRow } from '../domain/alerts/alert-row.ts';
import { isOpen } from '../domain/alerts/own-alerts.ts';
import { partitionOf } from './project-keys.ts';
import * as projects from './projects.ts';
import * as table from './table.ts';
import * as together from './together.ts';

/** An alert that is over stays so long, so that its groups can tell of it even where a receiver is away. */
const KEPT_SECONDS = 86_400;

const keyOf = (project: string, fingerprint: string): table.Key => ({
  pk: partitionOf(project, 'alert'),
  sk: fingerprint,
});

/** Of all of the plane's own that are looked at still, of whatever project. */
const OWN = 'own-alert';

/**
 * How alerts lie in the state table: with their project; those that may inhibit others are found without the rest, and so are
 * the plane's own, by what they are about.
 */
export const entity: table.Entity<AlertRow> = {
  name: 'alert',
  key: ({ project, fingerprint }) => keyOf(project, fingerprint),
  indexes: (alert) => {
    const { project, fingerprint, inhibits, own } = alert;
    return {
      ...(inhibits ? { gsi1: { pk: partitionOf(project, 'inhibiting'), sk: fingerprint } } : {}),
      ...(own && isOpen(alert) ? { gsi2: { pk: OWN, sk: `${own.subject}#${project}#${fingerprint}` } } : {}),
    };
  },
  expiresAt: ({ endsAt }) => Math.floor(Date.parse(endsAt) / 1000) + KEPT_SECONDS,
};

/** One that there is, over or not. */
export const find = (project: string, fingerprint: string): Promise<AlertRow | undefined> =>
  table.get<AlertRow>(keyOf(project, fingerprint));

/** Those of these fingerprints that there are. */
export const these = (project: string, fingerprints: readonly string[]): Promise<AlertRow[]> =>
  table.getEach<AlertRow>(fingerprints.map((fingerprint) => keyOf(project, fingerprint)));

/** The same for one of many groups that are told of at once. */
export const theseTogether = async (project: string, fingerprints: readonly string[]): Promise<AlertRow[]> =>
  (await Promise.all(fingerprints.map((each) => together.get<AlertRow>(keyOf(project, each))))).flatMap(
    (row) => row ?? [],
  );

/** All of a project, those that are over for up to a day included; those that are pending are none yet. */
export const allOf = async (project: string): Promise<AlertRow[]> =>
  (await Array.fromAsync(table.each<AlertRow>({ pk: partitionOf(project, 'alert'), limit: 500 }))).filter(
    ({ pending }) => pending === undefined,
  );

/** The same of every project: for jobs, not for requests. */
export async function* all(): AsyncGenerator<AlertRow> {
  for await (const project of projects.everyId()) yield* await allOf(project);
}

/** The plane's own about one thing that are open, of whatever project. The index lags a moment behind the rows. */
export const openOf = (subject: string): Promise<AlertRow[]> =>
  Array.fromAsync(table.each<AlertRow>({ index: 'gsi2', pk: OWN, prefix: `${subject}#`, limit: 500 }));

/** What there are open alerts of the plane's own about, each once. */
export const openSubjects = async (): Promise<string[]> => {
  const open = await Array.fromAsync(table.each<AlertRow>({ index: 'gsi2', pk: OWN, limit: 500 }));
  return [...new Set(open.flatMap(({ own }) => own?.subject ?? []))];
};

/** Whether any of the plane's own is open. */
export const isAnyOpen = async (): Promise<boolean> =>
  (await table.query({ index: 'gsi2', pk: OWN, limit: 1 })).rows.length > 0;

/** Those that may inhibit others. The index lags a moment behind the rows. */
export const inhibitingIn = (project: string): Promise<AlertRow[]> =>
  Array.fromAsync(table.each<AlertRow>({ index: 'gsi1', pk: partitionOf(project, 'inhibiting'), limit: 500 }));

/** @see table.writing */
export const writing = (alert: AlertRow): table.Write => table.writing(entity, alert);
