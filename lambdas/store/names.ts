import { Fault } from '../domain/faults.ts';
import * as table from './table.ts';

export type Named = 'vm' | 'host' | 'image';

/** A name in use: it belongs to one row of its kind, by a put-new of this row. */
interface Reservation {
  readonly kind: Named;
  readonly name: string;
  /** Id of the row that holds the name. */
  readonly holder: string;
  readonly version: number;
}

const entity: table.Entity<Reservation> = {
  name: 'name',
  key: ({ kind, name }) => ({ pk: `name#${kind}#${name}`, sk: 'name' }),
};

/** Takes a name within a transaction. @throws NameTaken */
export const taking = (kind: Named, name: string, holder: string): table.Write =>
  table.putNew(
    entity,
    { kind, name, holder, version: 1 },
    () => new Fault('NameTaken', `There is already a ${kind} named ${name}.`),
  );

/** Gives a name back, within a transaction; one that is held by another row, or by none, is left as it is. */
export const freeing = async (kind: Named, name: string, holder: string): Promise<table.Write[]> => {
  const row = await table.get<Reservation>(entity.key({ kind, name, holder, version: 1 }));
  return row?.holder === holder ? [table.deleting(entity, row)] : [];
};

/** Who holds a name. */
export const holderOf = async (kind: Named, name: string): Promise<string | undefined> =>
  (await table.get<Reservation>(entity.key({ kind, name, holder: '', version: 1 })))?.holder;
