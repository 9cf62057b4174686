import * as z from 'zod';
import type { HostFacts } from './host.ts';
import type { HostProof } from './host-proof.ts';
import type { Observed, Readiness } from './vm.ts';

/** What a step of a workflow puts out, and Record writes. The workflow merges the outputs of its steps, the later one winning. */
export interface Outcome {
  readonly observed?: Partial<Observed>;
  readonly ready?: Readiness;
  /** Why nothing is known of its readiness, though the time is over. */
  readonly unready?: string;
  /** What enrolment found on a host. */
  readonly facts?: HostFacts;
  /** The last link of its chain, by which it is known should its agent register anew. */
  readonly identity?: string;
  /** By what a machine says that it is a host we know. */
  readonly proof?: HostProof;
  readonly detail?: string;
}

/** How Step Functions tells of an error: our fault's name, or States.*, Lambda.*, or a name of the runtime. */
export const TaskError = z.object({ Error: z.string(), Cause: z.string().optional() });
export type TaskError = z.infer<typeof TaskError>;
