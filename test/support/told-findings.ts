import type { FindingKind, Told } from '../../lambdas/domain/invariants/kinds.ts';

const [VM, HOST, OP] = ['vm-0000000000000002', 'h-0123456789abcdef', 'op-00000000000000000000000002'];
const STRANGER = 'vm-0000000000010002';
const [CREATED, ENDED] = ['2026-11-25T10:00:00.000Z', '2026-11-25T10:01:00.000Z'];
const LONG_AGO = '2026-11-25T01:00:00.000Z';

type Line = Told & { readonly kind?: FindingKind };

/** What else is found of a VM that is in another project than its name. */
const NAME_ELSEWHERE: readonly Line[] = [
  {
    kind: 'NameWithoutHolder',
    subject: 'vm vm-2',
    detail: `The name is held by ${VM}, which is not there or has another.`,
  },
  { kind: 'NameNotHeld', subject: VM, detail: 'No row keeps the name vm-2 for it.' },
];

/** Of one plant of each kind: everything that is found, to the letter. */
export const TOLD: readonly (readonly [FindingKind, readonly Line[]])[] = [
  [
    'OperationOverdue',
    [{ subject: 'op-00000000000000000000020002', detail: `stop-vm is running since ${LONG_AGO}.`, since: LONG_AGO }],
  ],
  [
    'OperationUnswept',
    [{ subject: 'op-00000000000000000000020002', detail: 'create-vm is queued and has no open row.' }],
  ],
  ['OpenRowLeft', [{ subject: OP, detail: 'The operation has ended, its open row is.' }]],
  ['VmHeldByNobody', [{ subject: VM, detail: `vm-2 is held by ${OP}, which has succeeded.`, since: LONG_AGO }]],
  [
    'VmStuck',
    [
      { subject: VM, detail: 'vm-2 is stopping, and no operation holds it.', since: ENDED },
      {
        kind: 'StateDiffers',
        subject: VM,
        place: HOST,
        detail: 'vm-2 is stopping by its row; it was seen running.',
        since: ENDED,
      },
    ],
  ],
  ['NeedsAttention', [{ subject: VM, detail: 'create-vm of vm-2 could not be undone: no', since: ENDED }]],
  [
    'ScheduleOverdue',
    [
      {
        subject: 'sch-0000000000000002',
        detail: `Schedule hours-2 was to be run at ${LONG_AGO}, and nothing has run it since.`,
        since: LONG_AGO,
      },
    ],
  ],
  [
    'VmTwice',
    [
      {
        subject: VM,
        detail: `Its id is carried by uuid-2 on ${HOST} (running) and uuid-${VM} on h-000000000000000f (running).`,
      },
    ],
  ],
  [
    'MachineWithoutVm',
    [{ subject: STRANGER, place: HOST, detail: `Domain uuid-${STRANGER} (running) carries our mark and has no row.` }],
  ],
  [
    'MachineLeft',
    [
      {
        subject: VM,
        place: HOST,
        detail: `Domain uuid-${VM} (running) is there, its VM vm-2 is deleted.`,
        since: ENDED,
      },
    ],
  ],
  ['FileWithoutVm', [{ subject: STRANGER, place: HOST, detail: 'The host keeps of it: disk, 1 bytes.' }]],
  ['FileLeft', [{ subject: VM, place: HOST, detail: 'The host keeps of it: disk, 1 bytes.', since: ENDED }]],
  ['RetainedWithoutVm', [{ subject: STRANGER, place: HOST, detail: 'The host keeps of it: retained, 1 bytes.' }]],
  [
    'VolumeWithoutInstance',
    [
      {
        subject: 'vol-2',
        place: 'eu-central-1',
        detail: 'The volume of no VM is attached to nothing.',
        since: LONG_AGO,
      },
    ],
  ],
  [
    'NameWithoutHolder',
    [{ subject: 'vm left-2', detail: `The name is held by ${STRANGER}, which is not there or has another.` }],
  ],
  ['NameNotHeld', [{ subject: VM, detail: 'No row keeps the name vm-2 for it.' }]],
  ['CloneWithoutVm', [{ subject: STRANGER, place: 'img-1', detail: 'img-1 is kept for a VM that is not there.' }]],
  [
    'CloneNotHeld',
    [
      {
        subject: 'vm-0000000000000004',
        place: 'img-0123456789abcdef',
        detail: 'vm-4 stands on img-0123456789abcdef, and no row says so.',
      },
    ],
  ],
  [
    'UserDataLeft',
    [{ subject: STRANGER, detail: 'Its user-data lies in the bucket; nothing waits for it.', since: LONG_AGO }],
  ],
  [
    'VmAdopted',
    [
      {
        subject: 'vm-0000000000010005',
        place: 'eu-central-1',
        detail: 'vm-10005 (running) was found with our mark; nobody here asked for it.',
        since: CREATED,
      },
    ],
  ],
  [
    'StateDiffers',
    [{ subject: VM, place: HOST, detail: 'vm-2 is stopped by its row; it was seen running.', since: ENDED }],
  ],
  [
    'VmNotSeen',
    [{ subject: VM, place: HOST, detail: 'vm-2 is running by its row, and it was not seen.', since: ENDED }],
  ],
  [
    'VmElsewhere',
    [
      {
        subject: VM,
        place: HOST,
        detail: 'vm-2 is running here by its row; it was seen on h-000000000000000f.',
        since: ENDED,
      },
    ],
  ],
  ['VmLost', [{ subject: VM, place: HOST, detail: 'vm-2 is gone at its provider.', since: ENDED }]],
  [
    'OperationsOverlap',
    [
      {
        subject: 'op-00000000000000000000020002',
        detail: `stop-vm was accepted at 2026-11-25T10:00:30.000Z, create-vm (${OP}) held the VM until ${ENDED}.`,
        since: '2026-11-25T10:00:30.000Z',
      },
    ],
  ],
  ['TransitionIllegal', [{ subject: OP, detail: 'reboot-vm was accepted for a VM that was lost.', since: CREATED }]],
  ['HistoryBroken', [{ subject: OP, detail: `create-vm: it ended at ${LONG_AGO}, before it was accepted.` }]],
  ['EndNotTold', [{ subject: OP, detail: 'create-vm has succeeded; entries of its end: 0.', since: ENDED }]],
  ['EndToldTwice', [{ subject: OP, detail: 'create-vm has succeeded; entries of its end: 2.', since: ENDED }]],
  [
    'AllocationDiffers',
    [
      {
        subject: 'h-0000000000000002',
        detail: 'h-2 has promised 1 vCPUs, 0 MiB, 0 GiB; its VMs have 0 vCPUs, 0 MiB, 0 GiB.',
      },
    ],
  ],
  [
    'HostOverfull',
    [
      { kind: 'NameNotHeld', subject: STRANGER, detail: 'No row keeps the name vm-40004 for it.' },
      {
        kind: 'CloneNotHeld',
        subject: STRANGER,
        place: 'img-0123456789abcdef',
        detail: 'vm-40004 stands on img-0123456789abcdef, and no row says so.',
      },
      {
        subject: 'h-0000000000000002',
        detail: 'h-2 has promised 33 vCPUs, 1 MiB, 0 GiB; it may 32 vCPUs, 16384 MiB, 100 GiB.',
      },
    ],
  ],
  ['AttemptsOverBudget', [{ subject: OP, detail: 'create-vm has asked 1000 times; 69 are its most.' }]],
  [
    'ProjectUnknown',
    [
      ...NAME_ELSEWHERE,
      { subject: VM, detail: 'Its project gone is not there.' },
      { kind: 'ProjectDiffers', subject: OP, detail: 'It is of project default, its VM of gone.' },
    ],
  ],
  [
    'ProjectDeleted',
    [
      ...NAME_ELSEWHERE,
      { kind: 'ProjectDiffers', subject: OP, detail: 'It is of project default, its VM of old.' },
      { subject: VM, place: HOST, since: ENDED, detail: 'vm-2 (uuid-2) is running, and its project old is deleted.' },
    ],
  ],
  ['ProjectDiffers', [...NAME_ELSEWHERE, { subject: OP, detail: 'It is of project b, its VM of a.' }]],
  ['RowMisplaced', [{ subject: 'vm#2 vm', detail: 'gsi1pk is x' }]],
  ['SecretInRow', [{ subject: 'vm#2 vm', detail: 'a private key' }]],
  [
    'TableRestored',
    [{ subject: 'table-2', detail: 'The state table is another one than table-1: it was restored or made anew.' }],
  ],
];
