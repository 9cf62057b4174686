import type * as z from 'zod';
import { canonical } from '../../lambdas/domain/canonical.ts';

/** How the things of a noun lie in a file. */
export type FileForm = Pick<Kind, 'key' | 'spec' | 'forms'>;

/**
 * One noun that can lie in a file, at one plane: what its things are, by the API's own schema, and the calls that make, change and delete
 * one. Reading, comparing and applying know no noun; a field that the API gains passes through without a word here.
 */
export interface Kind {
  /** The key in a file under which its things are listed: `schedules`. */
  readonly key: string;
  /** What people call one of them. */
  readonly noun: string;
  /** What the API takes where one is made; it has a `name`, which is unique. */
  readonly spec: z.ZodObject;
  /** What the API takes where one is changed: a field that takes null can be taken away by it. */
  readonly change: z.ZodType;
  /** Fields that people write otherwise than the API does. */
  readonly forms: Readonly<Record<string, Form>>;
  /** All of a project, oldest first. */
  readonly list: () => Promise<readonly Row[]>;
  /** One as it is now, and its ETag. */
  readonly get: (id: string) => Promise<{ readonly row: Row; readonly etag: string | undefined }>;
  readonly create: (spec: Fields) => Promise<void>;
  /** `ifMatch` is the ETag that it must still have. */
  readonly patch: (id: string, change: Fields, ifMatch: string) => Promise<void>;
  readonly remove: (id: string, ifMatch: string) => Promise<void>;
}

export type Fields = Readonly<Record<string, unknown>>;

/** A thing as the API shows it. */
export type Row = Fields & { readonly id: string; readonly name: string };

/** What a file says of a thing, after the API's schema, with its defaults. */
export type Spec = Fields & { readonly name: string };

/** Another way to write a field. What `read` does not know it leaves to the API's schema; `read` of `write` is the same again. */
export interface Form {
  /** @throws FormError */
  readonly read: (value: unknown) => Promise<unknown>;
  readonly write: (value: unknown) => Promise<unknown>;
}

/** A short form that cannot be read, and where in its field it stands. */
export class FormError extends Error {
  override readonly name = 'FormError';
  readonly path: readonly PropertyKey[];

  constructor(path: readonly PropertyKey[], message: string) {
    super(message);
    this.path = path;
  }
}

/** The fields of a spec; a thing has more that nobody writes: its id, what became of it. */
export const fieldsOf = ({ spec }: Kind): string[] => Object.keys(spec.shape);

/** What a file would have to say for a thing to be as it is. @throws ZodError where the plane is newer than this command */
export const specOf = (kind: Kind, row: Row): Spec => {
  const known = fieldsOf(kind).flatMap((field) => (row[field] === undefined ? [] : [[field, row[field]]]));
  return { ...kind.spec.parse(Object.fromEntries(known)), name: row.name };
};

/** Whether two values are the same, however their keys are ordered. */
export const same = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b);
