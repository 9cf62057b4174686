/** What the bus tells of an operation that failed. */
export const failedOperation = {
  id: 'event-1',
  operationId: 'op-1',
  kind: 'create-vm',
  state: 'failed',
  vmId: 'vm-1',
  vmName: 'web-1',
  provider: 'kvm',
  by: 'token:t',
  error: { name: 'DiskFull', detail: 'The pool has 1 GiB left.' },
  endedAt: '2026-11-25T12:00:00.000Z',
};
