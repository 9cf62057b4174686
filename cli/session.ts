import type { Page } from './api.ts';
import { type ApiClient, apiClient, everyItem } from './api-client.ts';
import type { Io } from './io.ts';
import { type Paint, paintFor } from './paint.ts';
import { findPlane, type Plane } from './profile.ts';

/** The options that every command takes. */
export interface CommonOptions {
  readonly output?: Format;
  readonly profile?: string;
  readonly project?: string;
}

export const FORMATS = ['table', 'json', 'yaml', 'name'] as const;
/** Of what is counted, and has no name. */
export const COUNTED = ['table', 'json', 'yaml', 'csv'] as const;
export type Format = (typeof FORMATS)[number] | (typeof COUNTED)[number];

/** One run of one command: where it talks to, in which format, to whom. */
export interface Session {
  readonly io: Io;
  readonly format: Format;
  readonly paint: Paint;
  readonly plane: Plane;
  readonly client: ApiClient;
  /** A line for the person, on standard error: never part of a result. */
  note(text: string): void;
}

/** Opens a session. @throws CliError where no plane is known */
export const openSession = (io: Io, options: CommonOptions): Session => {
  const known = findPlane(io.env, options.profile);
  const plane = { ...known, project: options.project ?? known.project };
  const note = (text: string): void => void io.stderr.write(`${text}\n`);
  const client = apiClient({
    url: plane.url,
    token: plane.token,
    project: plane.project,
    signal: io.interrupted,
    onRetry: (reason, waitMs) => {
      // Shorter waits are not worth a word.
      if (waitMs >= 1000) note(`${reason}; trying again in ${Math.round(waitMs / 1000)} s`);
    },
  });
  return { io, format: options.output ?? 'table', paint: paintFor(io.stdout, io.env), plane, client, note };
};

/** The largest page that the API gives. */
export const PAGE_LIMIT = 100;

/** What asks for a whole page, from a cursor on. */
export const pageAt = (cursor: string | undefined): { readonly limit: number; readonly cursor?: string } => ({
  limit: PAGE_LIMIT,
  ...(cursor === undefined ? {} : { cursor }),
});

/** All items of a list, of every page. */
export const collect = async <T>(page: (cursor: string | undefined) => Promise<Page<T>>): Promise<T[]> => {
  const items: T[] = [];
  for await (const item of everyItem(page)) items.push(item);
  return items;
};
