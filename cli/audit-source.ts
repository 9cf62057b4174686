import { createReadStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { ChainedEntry, Head, HeadKey } from '../lambdas/domain/chain.ts';
import { type ApiClient, everyItem } from './api-client.ts';
import { CliError } from './exit-codes.ts';

/** Where an audit log is read from: its heads and keys at once, its entries one after the other, oldest first. */
export interface AuditSource {
  readonly project: string;
  readonly heads: readonly Head[];
  readonly keys: readonly HeadKey[];
  readonly entries: AsyncIterable<ChainedEntry>;
}

/** The largest pages that these two lists give. */
const ENTRIES = 500;
const HEADS = 100;

/** From the plane: heads first, so that none vouches for an entry that was not there yet when entries were read. */
export const fromPlane = async ({ call }: ApiClient): Promise<AuditSource> => {
  const { project } = await call('GET /v1/me');
  const heads = await Array.fromAsync(
    everyItem((cursor) => call('GET /v1/audit/heads', { query: { limit: HEADS, cursor } })),
  );
  const { items: keys } = await call('GET /v1/audit/key');
  const entries = everyItem((cursor) => call('GET /v1/audit', { query: { order: 'oldest', limit: ENTRIES, cursor } }));
  return { project, heads, keys, entries };
};

/** One line of an export: the project first, then keys and heads, then entries. */
export type ExportLine =
  | { readonly project: string; readonly exportedAt: string }
  | { readonly key: HeadKey }
  | { readonly head: Head }
  | { readonly entry: ChainedEntry };

const unreadable = (path: string, number: number, why: string): CliError =>
  new CliError(`Line ${number} of ${path} ${why}.`, { next: 'Export once more: novacron audit export' });

/** Whether it has what a line of this kind is told by; what else is in it is the check's to judge. */
const isLine = (value: unknown): value is ExportLine => {
  if (typeof value !== 'object' || value === null) return false;
  if ('project' in value) return typeof value.project === 'string';
  const [inner] = Object.values(value);
  if (typeof inner !== 'object' || inner === null) return false;
  if ('entry' in value || 'head' in value) return 'seq' in inner && typeof inner.seq === 'number';
  return 'key' in value;
};

async function* linesOf(path: string): AsyncGenerator<ExportLine> {
  let number = 0;
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    if (text === '') continue;
    let line: unknown;
    try {
      line = JSON.parse(text);
    } catch {
      throw unreadable(path, number, 'is no JSON');
    }
    if (!isLine(line)) throw unreadable(path, number, 'is none of an export');
    yield line;
  }
}

async function* entriesOf(path: string, first: ExportLine, rest: AsyncGenerator<ExportLine>) {
  for (let line = first; ; ) {
    if (!('entry' in line)) throw new CliError(`${path} has a key, head or project among its entries.`);
    yield line.entry;
    const { done, value } = await rest.next();
    if (done) return;
    line = value;
  }
}

async function* nothing(): AsyncGenerator<never> {}

/** From a file that `audit export` wrote. @throws CliError where it cannot be read as one */
export const fromFile = async (path: string): Promise<AuditSource> => {
  const lines = linesOf(path);
  const heads: Head[] = [];
  const keys: HeadKey[] = [];
  let project: string | undefined;
  let entries: AsyncIterable<ChainedEntry> = nothing();
  for (let next = await lines.next(); !next.done; next = await lines.next()) {
    const line = next.value;
    if ('entry' in line) {
      entries = entriesOf(path, line, lines);
      break;
    }
    if ('project' in line) project = line.project;
    else if ('head' in line) heads.push(line.head);
    else keys.push(line.key);
  }
  if (project === undefined) throw new CliError(`${path} does not say whose audit log it holds.`);
  return { project, heads, keys, entries };
};

/** The keys that a person kept: what `audit key` printed. @throws CliError */
export const keysIn = (path: string): HeadKey[] => {
  try {
    // What is no key checks no head, and is told as that.
    return (JSON.parse(readFileSync(path, 'utf8')) as { items: HeadKey[] }).items;
  } catch (cause) {
    throw new CliError(`${path} holds no key of an audit log.`, { next: 'novacron audit key > file', cause });
  }
};
