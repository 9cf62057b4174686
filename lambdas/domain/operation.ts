import * as z from 'zod';
import { HostId, Instant, OperationId, VmId } from './ids.ts';
import { ProjectId } from './project.ts';
import { OperationKind, ProviderName } from './vm.ts';
import { VmState } from './vm-state.ts';

export const OperationState = z.enum([
  'queued',
  'running',
  'cancelling',
  'succeeded',
  'failed',
  'cancelled',
  'needs-attention',
  'undo-pending',
]);
export type OperationState = z.infer<typeof OperationState>;

export const Step = z.strictObject({
  name: z.string(),
  state: z.enum(['pending', 'running', 'succeeded', 'failed', 'skipped']),
  startedAt: Instant.optional(),
  endedAt: Instant.optional(),
  detail: z.string().optional(),
});
export type Step = z.infer<typeof Step>;

/** One asked-for change: the intent row that is written before any side effect, and the record of what came of it. */
export const Operation = z.strictObject({
  id: OperationId,
  /** That of its VM; operations of hosts are the installation's: `default`. */
  project: ProjectId.optional(),
  kind: OperationKind,
  state: OperationState,
  vmId: VmId.optional(),
  vmName: z.string().optional(),
  hostId: HostId.optional(),
  provider: ProviderName.optional(),
  /** Who asked. */
  by: z.string(),
  /** What the kind needs beside the VM: grace, force, purge … */
  input: z.record(z.string(), z.json()),
  /** What the VM was when this was asked: what it goes back to where nothing came of it. */
  before: z.strictObject({ state: VmState, desired: z.enum(['running', 'stopped', 'deleted']) }).optional(),
  /** sha256 of (method, path, body): the same key with another request is refused. */
  requestHash: z.string(),
  steps: z.array(Step),
  /** Counts every call of a step that may have a side effect; documents on hosts are fenced by it. */
  attempt: z.number().int().nonnegative(),
  /** The open wait: which step, its task token, what to look at, and since when. */
  wait: z
    .strictObject({
      step: z.string(),
      token: z.string(),
      attempt: z.number().int(),
      since: Instant,
      commandId: z.string().optional(),
      nodeId: z.string().optional(),
    })
    .optional(),
  cancelRequested: z.boolean(),
  executionArn: z.string().optional(),
  error: z.strictObject({ name: z.string(), detail: z.string() }).optional(),
  createdAt: Instant,
  startedAt: Instant.optional(),
  endedAt: Instant.optional(),
  version: z.number().int().positive(),
});
export type Operation = z.infer<typeof Operation>;

/** The steps a person sees, by kind; the names are the ASL state names. */
export const STEPS: Record<z.infer<typeof OperationKind>, readonly string[]> = {
  'create-vm': ['Launch', 'Await Ready', 'Record'],
  'start-vm': ['Start', 'Await Ready', 'Record'],
  'stop-vm': ['Ask To Stop', 'Record'],
  'reboot-vm': ['Reboot', 'Await Ready', 'Record'],
  'reset-vm': ['Reset', 'Await Ready', 'Record'],
  'delete-vm': ['Remove', 'Record'],
  'undelete-vm': ['Restore Definition', 'Record'],
  'enrol-host': ['Prepare Host', 'Record'],
};

/** A host that was here before registers anew, and must be proved to be that host. */
const PROVING = ['Prove Host', 'Take Over'];

/** Whether it takes a host in anew that has VMs. */
export const isAnew = ({ input }: Pick<Operation, 'input'>): boolean => input.anew === true;

/** The steps that an operation plans. */
export const stepsOf = (kind: z.infer<typeof OperationKind>, input: Operation['input']): readonly string[] =>
  isAnew({ input }) ? [...PROVING, ...STEPS[kind]] : STEPS[kind];

const OPEN: readonly OperationState[] = ['queued', 'running', 'cancelling', 'undo-pending'];

/** Whether anything may still happen to it. */
export const isOpen = (operation: Pick<Operation, 'state'>): boolean => OPEN.includes(operation.state);
