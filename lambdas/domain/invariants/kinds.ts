import * as z from 'zod';
import { Instant } from '../ids.ts';

/** The invariants, as people read them in a list of findings. */
export const INVARIANTS = {
  I1: 'every accepted operation comes to its end, and every schedule is run at its time',
  I2: 'one VM is at one place only',
  I3: 'nothing is held for a VM that is not there',
  I4: 'a row says what is so',
  I5: 'a history is one line',
  I6: 'each end is told once',
  I7: 'a host has promised what its VMs have, and a project has counted them',
  I8: 'an operation asks a bounded number of times',
  I9: 'a row lies in the partition it belongs to',
  I10: 'no row carries a secret',
} as const;
type Invariant = keyof typeof INVARIANTS;

/** What may be found, under which invariant, and what a person does about it; each kind has a line in docs/runbook.md. */
export const KINDS = {
  OperationOverdue: ['I1', 'Look where it waits: novacron op get <operation>; then novacron op cancel <operation>.'],
  OperationUnswept: ['I1', 'The sweeper does not see it: novacron op cancel <operation>.'],
  OpenRowLeft: ['I1', 'It harms nothing; tell us how it came about.'],
  VmHeldByNobody: ['I1', 'Its operation has ended: novacron reconcile, then ask for what you want once more.'],
  VmStuck: ['I1', 'No operation is at work on it: novacron reconcile shows what it really is.'],
  NeedsAttention: ['I1', 'Mend what the operation names, then novacron vm delete <VM>.'],
  ScheduleOverdue: [
    'I1',
    'Start or stop its VMs by hand meanwhile; the log of schedules-run-schedules says why it fails, or that its timer is gone.',
  ],
  VmTwice: ['I2', 'Stop both, find the one with the newer data, and delete the other at its provider.'],
  MachineWithoutVm: ['I3', 'Nobody knows it: look whose it is, and delete it at its provider by hand.'],
  MachineLeft: ['I3', 'Its VM is deleted; what a failed create left is collected within the hour, the rest is yours.'],
  FileWithoutVm: [
    'I3',
    "Nobody knows it: look what it holds, and delete it on the host by hand (pool's disks, seeds).",
  ],
  FileLeft: ['I3', 'Its VM is deleted; what a failed create left is collected within the hour, the rest is yours.'],
  RetainedWithoutVm: ['I3', 'Nothing will bring it back: delete the directory below retained on the host.'],
  VolumeWithoutInstance: ['I3', 'It costs money: keep a snapshot if you need one, and delete it in EC2.'],
  NameWithoutHolder: ['I3', 'The name cannot be used again before its row (name#…) is deleted.'],
  NameNotHeld: ['I3', 'Another could take its name: rename it (novacron vm update <VM> --name …).'],
  CloneWithoutVm: ['I3', 'The image cannot be deleted before the row (clone#…) is.'],
  CloneNotHeld: ['I3', 'Do not delete its image: the VM stands on it, and nothing keeps you from it.'],
  UserDataLeft: ['I3', 'The bucket deletes it within a day; it may hold secrets, so look why it was left.'],
  VmAdopted: ['I3', 'It was found by its mark: keep it by any operation (novacron vm start <VM>), or delete it.'],
  StateDiffers: ['I4', 'Is its host silent, or EC2 slow to tell? novacron reconcile.'],
  VmNotSeen: ['I4', 'novacron reconcile marks it lost where it is gone.'],
  VmElsewhere: ['I4', 'It runs where no row says: novacron reconcile, then look who moved it.'],
  VmLost: [
    'I4',
    'It is gone at its provider: novacron vm delete <VM>, or restore a backup. Its ready says what came before.',
  ],
  OperationsOverlap: ['I5', 'Two held one VM at one time: novacron reconcile, and tell us.'],
  TransitionIllegal: ['I5', 'It began in a state that does not allow it: novacron reconcile, and tell us.'],
  HistoryBroken: ['I5', 'Its record contradicts itself: tell us, with novacron op get <operation> -o json.'],
  EndNotTold: ['I6', 'The audit log lacks its end: tell us; novacron op get shows what it came to.'],
  EndToldTwice: ['I6', 'The audit log has two ends for it; the operation itself says which is true.'],
  AllocationDiffers: ['I7', 'Placement reckons wrongly with this host: deactivate it until the figures agree.'],
  ProjectMiscounted: ['I7', 'Its quota reckons wrongly: novacron project quota <project> counts anew.'],
  HostOverfull: ['I7', 'Move or delete VMs there: novacron host deactivate <host> keeps new ones away.'],
  AttemptsOverBudget: ['I8', 'Its provider refuses again and again: novacron op get <operation> says why.'],
  ProjectUnknown: ['I9', 'Nobody can reach it: make the project again, or delete the row.'],
  ProjectDeleted: [
    'I9',
    'No command reaches it, and its project is not erased meanwhile: save what you need, end it at its provider by hand, and tell us.',
  ],
  ProjectDiffers: ['I9', "An operation of one project is about another's VM: tell us at once."],
  RowMisplaced: ['I9', 'Lists cannot find it, or show it where it does not belong: tell us at once.'],
  SecretInRow: ['I10', 'Revoke that secret now, then delete or change the row.'],
  TableRestored: ['I3', 'Nothing is collected until you have compared: novacron audit, then novacron audit unlock.'],
  TooManyLeftovers: ['I3', 'Look through the list; if all of it may go: novacron audit unlock.'],
} as const satisfies Record<string, readonly [Invariant, string]>;
export type FindingKind = keyof typeof KINDS;

/** One thing that is not as an invariant says. */
export const Finding = z.strictObject({
  invariant: z.enum(Object.keys(INVARIANTS) as [Invariant, ...Invariant[]]), // the keys of a literal
  kind: z.enum(Object.keys(KINDS) as [FindingKind, ...FindingKind[]]), // the keys of a literal
  /** Id of what it is about: of a VM, an operation, a host, or the name of a row. */
  subject: z.string(),
  /** Host or Region. */
  place: z.string().optional(),
  detail: z.string(),
  /** Since when it is so, as far as is known. */
  since: Instant.optional(),
  suggestion: z.string(),
});
export type Finding = z.infer<typeof Finding>;

/** What a rule tells of a finding beside its kind. */
export type Told = Pick<Finding, 'subject' | 'detail'> & {
  readonly place?: string | undefined;
  readonly since?: string | undefined;
};

/** A finding of this kind. */
export const found = (kind: FindingKind, { subject, detail, place, since }: Told): Finding => {
  const [invariant, suggestion] = KINDS[kind];
  return {
    invariant,
    kind,
    subject,
    ...(place === undefined ? {} : { place }),
    detail,
    ...(since === undefined ? {} : { since }),
    suggestion,
  };
};

/** What makes it the same finding in two looks. */
export const keyOf = ({ kind, subject, place = '' }: Pick<Finding, 'kind' | 'subject' | 'place'>): string =>
  `${kind} ${subject} ${place}`.trim();
