import * as table from './table.ts';

/** Under which all lies, in an index, that a tick is to look at by a time of its own: of whatever kind and project, in the order of these times. */
export const DUE = 'due';

/** Where a row lies there that is to be looked at at an Instant. */
export const dueAt = (at: string, id: string): table.Key => ({ pk: DUE, sk: `${at}#${id}` });

/** Before every Instant: what lets rules be looked at as time goes by, each minute. */
const ALWAYS = '!';

/** Where a row lies there by which rules are looked at as long as it is there. */
export const dueAlways = (id: string): table.Key => ({ pk: DUE, sk: `${ALWAYS}#${id}` });

/** That hosts are, or were, of this plane: it can be missed that they measure. */
interface Measured {
  readonly version: number;
}

const measuredEntity: table.Entity<Measured> = {
  name: 'measured',
  key: () => ({ pk: 'measured', sk: 'measured' }),
  indexes: () => ({ gsi2: dueAlways('measured') }),
};

/** The row of that, beside a host's first. */
export const measuring = (): table.Write => table.put(measuredEntity, { version: 1 });
