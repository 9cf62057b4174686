import * as z from 'zod';
import { DEFAULT_PROJECT, Instant, Name } from './ids.ts';

/** What a project is called is what it is: its id is a name, chosen once. */
export const ProjectId = Name;

/** What an admin of the installation lets a project have; what is left out is not bounded. */
export const ProjectQuota = z.strictObject({
  /** VMs that live: a deleted one counts no more, its kept disks neither. */
  maxVms: z.number().int().min(0).max(100_000).optional(),
  /** Operations begun in one minute of the clock, of all its people and programs together. */
  maxOperationsPerMinute: z.number().int().min(1).max(100_000).optional(),
});
export type ProjectQuota = z.infer<typeof ProjectQuota>;

/** How far the erasing of a deleted project has come. */
const Erasure = z.strictObject({
  /** The row of the table behind which it goes on; absent where a pass begins. */
  after: z.strictObject({ pk: z.string(), sk: z.string() }).optional(),
  /** How many rows this pass over the table has removed: none in a whole pass is the end. */
  found: z.number().int(),
  /** How many it has removed in all, by their kind. */
  removed: z.record(z.string(), z.number().int()),
});
export type Erasure = z.infer<typeof Erasure>;

/** A tenant: it owns VMs, their names, operations, tokens and audit entries. Hosts, images and sizes are the installation's. */
export const Project = z.strictObject({
  id: ProjectId,
  /** Who made it. */
  by: z.string(),
  createdAt: Instant,
  /** False once it is deleted: the row stays, so that its id, and with it what is left of its history, is never given to others. */
  live: z.boolean(),
  deletedAt: Instant.optional(),
  erasure: Erasure.optional(),
  /** When the last row of it was gone: what is left is this row and its audit log. */
  erasedAt: Instant.optional(),
  /** How many VMs live in it, which is how many of its names are held; absent in a row from before it was counted. */
  vms: z.number().int().optional(),
  ...ProjectQuota.shape,
  /** Rises with each VM that comes or goes, too. */
  version: z.number().int().positive(),
});
export type Project = z.infer<typeof Project>;

/** The project that a row belongs to. */
export const projectOf = ({ project = DEFAULT_PROJECT }: { readonly project?: string | undefined }): string => project;

/** What a command that people are told ends with: rows of another project are nobody's unless it is named. */
export const projectOption = (project: string): string => (project === DEFAULT_PROJECT ? '' : ` --project ${project}`);
