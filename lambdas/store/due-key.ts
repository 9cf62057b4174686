import { type Entity, type Key, put, type Write } from './write.ts';

/** Under which all lies, in an index, that a tick is to look at by a time of its own: of whatever kind and project, in the order of these times. */
export const DUE = 'due';

/** Where a row lies there that is to be looked at at an Instant. */
export const dueAt = (at: string, id: string): Key => ({ pk: DUE, sk: `${at}#${id}` });

/** Before every Instant: what lets rules be looked at as time goes by, each minute. */
const ALWAYS = '!';

/** Where a row lies there by which rules are looked at as long as it is there. */
export const dueAlways = (id: string): Key => ({ pk: DUE, sk: `${ALWAYS}#${id}` });

/** That hosts are, or were, of this plane: it can be missed that they measure. */
const MEASURED = { version: 1 };

const measuredEntity: Entity<typeof MEASURED> = {
  name: 'measured',
  key: () => ({ pk: 'measured', sk: 'measured' }),
  indexes: () => ({ gsi2: dueAlways('measured') }),
};

/** The row of that, beside a host's first. */
export const measuring = (): Write => put(measuredEntity, MEASURED);
