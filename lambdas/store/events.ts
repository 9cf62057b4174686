import * as z from 'zod';
import { Instant, newId } from '../domain/ids.ts';
import * as table from './table.ts';

/** One thing that happened to a VM, for the person who asks "what happened here?". */
export const VmEvent = z.strictObject({
  id: z.string(),
  vmId: z.string(),
  /** That of the VM, for erasing; absent in rows of before it was written. */
  project: z.string().optional(),
  at: Instant,
  /** One CamelCase word: StateChanged, OperationSucceeded, NotReadyInTime, LateAnswer … */
  type: z.string(),
  message: z.string(),
  operationId: z.string().optional(),
  /** What the type carries: from, to, serialTail … */
  detail: z.record(z.string(), z.json()).optional(),
  version: z.number().int().positive(),
});
export type VmEvent = z.infer<typeof VmEvent>;

const KEPT_DAYS = 30;

/** Rows of a VM's history; the position in the table is the order in time. */
export const entity: table.Entity<VmEvent> = {
  name: 'event',
  key: ({ vmId, id }) => ({ pk: `vm#${vmId}`, sk: `event#${id}` }),
  expiresAt: ({ at }) => Math.floor(Date.parse(at) / 1000) + KEPT_DAYS * 86_400,
};

type NewEvent = Omit<VmEvent, 'id' | 'version'> & { readonly project: string };

/** The event as a write, to stand in the transaction of what it tells. */
export const writing = (event: NewEvent): table.Write => {
  const row: VmEvent = { ...event, id: newId('ev', Date.parse(event.at)), version: 1 };
  return table.putNew(entity, row);
};

export const append = (event: NewEvent): Promise<void> => table.save(writing(event));

/** A VM's history, newest first. */
export const page = (vmId: string, range: Pick<table.Range, 'limit' | 'after'>): Promise<table.Slice<VmEvent>> =>
  table.query<VmEvent>({ ...range, pk: `vm#${vmId}`, prefix: 'event#', newestFirst: true });
