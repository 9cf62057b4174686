import { Fault } from '../domain/faults.ts';
import { DEFAULT_PROJECT } from '../domain/ids.ts';
import type { Project } from '../domain/project.ts';
import { partitionOf } from './project-keys.ts';
import * as projects from './projects.ts';
import * as table from './table.ts';

/** So long a project's limit is taken as it was read: one read for many requests, and a new limit holds within it. */
const KNOWN_MS = 15_000;
/** The rows of past minutes go by themselves. */
const KEPT_SECONDS = 3_600;

type Limit = Project['maxOperationsPerMinute'];

const known = new Map<string, { readonly until: number; readonly most: Limit }>();

const limitOf = async (id: string, now: number): Promise<Limit> => {
  const before = known.get(id);
  if (before && before.until > now) return before.most;
  const most = (await projects.find(id))?.maxOperationsPerMinute;
  known.set(id, { until: now + KNOWN_MS, most });
  return most;
};

/** Takes a limit at once where it was set by this very function; others have it within 15 s. */
export const forget = (id: string): void => void known.delete(id);

/**
 * Counts an operation among those that its project has begun in this minute, within its transaction: exact, however many
 * functions admit at once. Nothing where the project has no limit. @throws TooManyRequests, from the transaction
 */
export const keeping = async (id: string, at: string): Promise<table.Write[]> => {
  const most = id === DEFAULT_PROJECT ? undefined : await limitOf(id, Date.now());
  if (most === undefined) return [];
  const minute = at.slice(0, 'yyyy-mm-ddThh:mm'.length);
  const left = Math.max(1, 60 - Number(at.slice(17, 19)));
  return [
    table.adding(
      { pk: partitionOf(id, 'pace'), sk: minute },
      { adds: { begun: 1 }, sets: { expiresAt: Math.floor(Date.parse(at) / 1000) + KEPT_SECONDS } },
      {
        condition: 'attribute_not_exists(begun) OR begun < :most',
        values: { ':most': most },
        lost: () =>
          new Fault('TooManyRequests', `${id} may begin ${most} operations a minute. Try again in ${left} s.`, {
            retryAfterSeconds: left,
          }),
      },
    ),
  ];
};
