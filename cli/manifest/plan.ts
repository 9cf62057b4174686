import { type Fields, type Kind, type Row, type Spec, same, specOf } from './kind.ts';
import { readManifest } from './read.ts';

/** One thing to do, so that the plane has what a file says. */
export type Change =
  | { readonly action: 'create'; readonly name: string; readonly after: Spec }
  | { readonly action: 'change'; readonly name: string; readonly row: Row; readonly before: Spec; readonly after: Spec }
  | { readonly action: 'delete'; readonly name: string; readonly row: Row; readonly before: Spec };

/** What there is to do, creates first, in the order of the file. */
export interface Plan {
  readonly changes: readonly Change[];
  /** Names of what is as the file says. */
  readonly unchanged: readonly string[];
}

/** The fields that are to be others, as the API takes them; null takes one away where the API can do that. */
export const patchOf = (kind: Kind, before: Spec, after: Spec): Fields => {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const other = fields.filter((field) => !same(before[field], after[field]));
  const change = other.map((field): [string, unknown] => [field, after[field] ?? null]);
  return Object.fromEntries(
    change.filter(([field, value]) => value !== null || kind.change.safeParse({ [field]: null }).success),
  );
};

/** Compares what a file says with what there is. `prune` deletes what the file does not name. */
export const planOf = (kind: Kind, specs: readonly Spec[], rows: readonly Row[], prune: boolean): Plan => {
  const named = new Map(rows.map((row) => [row.name, row]));
  const wanted = new Set(specs.map(({ name }) => name));
  const creates = specs.filter(({ name }) => !named.has(name));
  const present = specs.flatMap((after) => {
    const row = named.get(after.name);
    if (row === undefined) return [];
    const before = specOf(kind, row);
    return [{ row, before, after, differs: Object.keys(patchOf(kind, before, after)).length > 0 }];
  });
  // What was listed last may rest upon what was listed first.
  const spare = prune ? rows.filter(({ name }) => !wanted.has(name)).toReversed() : [];
  return {
    changes: [
      ...creates.map((after): Change => ({ action: 'create', name: after.name, after })),
      ...present
        .filter(({ differs }) => differs)
        .map(({ row, before, after }): Change => ({ action: 'change', name: row.name, row, before, after })),
      ...spare.map((row): Change => ({ action: 'delete', name: row.name, row, before: specOf(kind, row) })),
    ],
    unchanged: present.filter(({ differs }) => !differs).map(({ row }) => row.name),
  };
};

/** The plan of a file. @throws UsageError where the file is wrong */
export const planFile = async (
  kind: Kind,
  { file, text, prune }: { readonly file: string; readonly text: string; readonly prune: boolean },
): Promise<Plan> => planOf(kind, await readManifest(kind, file, text), await kind.list(), prune);
