import type { HeldFile } from '../domain/invariants/world.ts';
import type { Report } from '../domain/report.ts';
import type { VmState } from '../domain/vm-state.ts';
import * as table from './table.ts';

/** What a host itself said it holds of ours: its marked domains, and the files of our directories. A row beside the host's own. */
export interface Holdings {
  readonly hostId: string;
  readonly domains: readonly { readonly vmId: string; readonly uuid: string; readonly state: VmState }[];
  readonly files: readonly Pick<HeldFile, 'vmId' | 'kind' | 'bytes'>[];
  /** When it last said something new. */
  readonly at: string;
  readonly version: number;
}

export const entity: table.Entity<Holdings> = {
  name: 'holdings',
  key: ({ hostId }) => keyOf(hostId),
};

const keyOf = (hostId: string): table.Key => ({ pk: `host#${hostId}`, sk: 'holdings' });

/** What a report tells of it; a part that it leaves out is as it was. */
const toldBy = (installation: string, { inventory, facts }: Report, before: Holdings | undefined) => ({
  domains:
    inventory?.flatMap(({ vmId, uuid, state, installation: mark }) =>
      vmId !== undefined && mark === installation ? [{ vmId, uuid, state }] : [],
    ) ??
    before?.domains ??
    [],
  files: facts?.files ?? before?.files ?? [],
});

/** Keeps what a host told, where it is news; a host that says the same each minute costs no write. */
export const remember = async (installation: string, hostId: string, report: Report, at: string): Promise<void> => {
  if (report.inventory === undefined && report.facts?.files === undefined) return;
  const before = await table.get<Holdings>(keyOf(hostId));
  const told = toldBy(installation, report, before);
  const same = before && JSON.stringify(told) === JSON.stringify({ domains: before.domains, files: before.files });
  if (same) return;
  await table.save(table.put(entity, { hostId, ...told, at, version: (before?.version ?? 0) + 1 }));
};
