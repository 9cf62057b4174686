import { ApiError } from '../api-client.ts';
import { CliError } from '../exit-codes.ts';
import { type Explanation, explain } from '../explain.ts';
import type { Session } from '../session.ts';
import { type Kind, same, specOf } from './kind.ts';
import { type Change, patchOf } from './plan.ts';

/** What became of a change. */
export interface Outcome {
  readonly change: Change;
  /** Absent where it was done. */
  readonly failure?: Explanation;
}

/** The plane writes into a row, too: what runs, what comes next. That is nobody's change, and is looked past so often. */
const TRIES = 5;

type Present = Exclude<Change, { action: 'create' }>;

/** The ETag under which a thing is still as the plan found it. @throws CliError where somebody changed it meanwhile */
const unchangedSince = async (kind: Kind, { name, row, before }: Present): Promise<string> => {
  const { row: now, etag } = await kind.get(row.id);
  if (etag !== undefined && same(specOf(kind, now), before)) return etag;
  throw new CliError(`${name} has been changed since the plan was made; it is left as it is.`, {
    next: 'Plan again, and look at what is another now',
  });
};

const overwrite = async (kind: Kind, change: Present, tries = TRIES): Promise<void> => {
  const etag = await unchangedSince(kind, change);
  try {
    if (change.action === 'delete') await kind.remove(change.row.id, etag);
    else await kind.patch(change.row.id, patchOf(kind, change.before, change.after), etag);
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 412) || tries <= 1) throw error;
    await overwrite(kind, change, tries - 1);
  }
};

const perform = (kind: Kind, change: Change): Promise<void> =>
  change.action === 'create' ? kind.create(change.after) : overwrite(kind, change);

/** Does one thing after the other; what fails is told, and keeps nothing else from being done. Ctrl-C ends it between two. */
export async function* applied(session: Session, kind: Kind, changes: readonly Change[]): AsyncGenerator<Outcome> {
  for (const change of changes) {
    try {
      await perform(kind, change);
      yield { change };
    } catch (error) {
      if (session.io.interrupted.aborted) throw error;
      yield { change, failure: explain(error, session.plane) };
    }
  }
}
