import * as z from 'zod';
import { type Fields, type FileForm, type Spec, same } from './kind.ts';

/** Whether a field is what it is where a file leaves it out. */
const goesWithoutSaying = ({ spec }: FileForm, field: string, value: unknown): boolean => {
  const schema = spec.shape[field];
  const absent = schema && z.safeParse(schema, undefined);
  return absent?.success === true && same(absent.data, value);
};

/** A thing in the form of a file, every field of it. */
export const folded = async ({ forms }: FileForm, spec: Fields): Promise<Fields> => {
  const fields = Object.entries(spec).map(
    async ([field, value]) => [field, (await forms[field]?.write(value)) ?? value] as const,
  );
  return Object.fromEntries(await Promise.all(fields));
};

/** A thing as people write it: short forms, and nothing that goes without saying. */
export const written = (kind: FileForm, spec: Spec): Promise<Fields> => {
  const said = Object.entries(spec).filter(
    ([field, value]) => value !== undefined && !goesWithoutSaying(kind, field, value),
  );
  return folded(kind, Object.fromEntries(said));
};

/** A file with these things. */
export const fileOf = async (kind: FileForm, specs: readonly Spec[]): Promise<Fields> => ({
  [kind.key]: await Promise.all(specs.map((spec) => written(kind, spec))),
});
