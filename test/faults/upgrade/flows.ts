import { Fault, type FaultName } from '../../../lambdas/domain/faults.ts';
import { domainUuidOf } from '../../../lambdas/domain/ids.ts';
import type { Operation } from '../../../lambdas/domain/operation.ts';
import type { OperationKind, Vm } from '../../../lambdas/domain/vm.ts';
import { FakeProvider } from '../../../lambdas/providers/fake.ts';
import type { Provider } from '../../../lambdas/providers/provider.ts';
import { cancel } from '../../../lambdas/runtime/cancel.ts';
import { hearEvent } from '../../../lambdas/runtime/guest-events.ts';
import * as operations from '../../../lambdas/store/operations.ts';
import { newHost, newVm } from '../../support/api.ts';

/** How the world goes on while a task waits: what was asked comes true, nothing does, or a person cancels. */
type World = 'comes true' | 'is silent' | 'cancels';

/** One story of an operation, told the same way when it is recorded and when it is replayed. */
export interface Flow {
  readonly kind: OperationKind;
  readonly provider: 'ec2' | 'kvm';
  readonly world: World;
  /** Calls of the provider that fail, each as often as told; `after` their effect, as when a reply is lost. */
  readonly failures?: readonly { method: keyof Provider; fault: FaultName; times: number; after?: boolean }[];
  readonly input?: Operation['input'];
}

const BEFORE: Partial<Record<OperationKind, Partial<Vm>>> = {
  'create-vm': { state: 'pending' },
  'start-vm': { state: 'stopped', desired: 'stopped' },
  'undelete-vm': { state: 'deleted', desired: 'deleted', retainedUntil: '2099-01-01T00:00:00.000Z' },
};

/** The VM's row before the operation begins. */
export const vmOf = ({ kind, provider }: Flow): Vm =>
  newVm({
    ...(provider === 'ec2' ? { provider, location: { region: 'eu-central-1' }, providerId: `fake-${newVm().id}` } : {}),
    ...BEFORE[kind],
  });

/** An empty place of the flow's provider. */
export const placeOf = ({ provider }: Flow): FakeProvider =>
  new FakeProvider({
    name: provider,
    progress: 'manual',
    ...(provider === 'kvm' ? { capabilities: ['console-log', 'undelete', 'reset', 'user-data', 'readiness'] } : {}),
  });

/** Tells the place which calls fail; those of them that have come are left out. */
export const arm = (place: FakeProvider, { failures = [] }: Flow): void => {
  for (const { method, fault, times, after = false } of failures) {
    const left = times - place.calls.filter((call) => call.method === method).length;
    for (let each = 0; each < left; each += 1) place.failNext(method, new Fault(fault, 'as told'), { after });
  }
};

const guestIsReady = (): Promise<void> => {
  const at = new Date().toISOString();
  const domain = domainUuidOf('unit', newVm().id);
  return hearEvent(
    newHost(),
    { kind: 'ready', domain, vmId: newVm().id, at, reason: 'AgentAnswers' },
    { at, sentAt: at },
  );
};

/** A look at the wait, as the queue of looks delivers it: the way by which any answer arrives in the end. */
const look = async ({ id, wait }: Operation): Promise<void> => {
  const { handler } = await import('../../../lambdas/events/look-again.ts');
  const body = JSON.stringify({ operationId: id, attempt: wait?.attempt ?? 0, look: 0 });
  // Only what the handler reads is there.
  await (handler as (event: unknown, context: unknown) => Promise<unknown>)(
    { Records: [{ messageId: 'm', body }] },
    {},
  );
};

/** What happens while a task of the flow waits. */
export const goesOn = async (flow: Flow, place: FakeProvider, operationId: string): Promise<void> => {
  const operation = await operations.get(operationId);
  if (flow.world === 'is silent') return;
  if (flow.world === 'cancels' && !operation.cancelRequested) {
    await cancel(operation);
    return;
  }
  place.settle(newVm().id);
  if (operation.wait?.step === 'Await Ready') await guestIsReady();
  await look(await operations.get(operationId));
};

const KINDS: readonly OperationKind[] = [
  'create-vm',
  'start-vm',
  'stop-vm',
  'reboot-vm',
  'reset-vm',
  'delete-vm',
  'undelete-vm',
];

const CALL: Partial<Record<OperationKind, keyof Provider>> = {
  'create-vm': 'create',
  'start-vm': 'start',
  'stop-vm': 'stop',
  'reboot-vm': 'reboot',
  'reset-vm': 'reset',
  'delete-vm': 'remove',
  'undelete-vm': 'undelete',
};

const storiesOf = (kind: OperationKind, provider: Flow['provider']): Flow[] => {
  const method = CALL[kind] ?? 'describe';
  const input = kind === 'stop-vm' ? { graceSeconds: 60 } : { readyTimeoutSeconds: 60 };
  const flow = { kind, provider, input };
  return [
    { ...flow, world: 'comes true' },
    { ...flow, world: 'is silent' },
    { ...flow, world: 'cancels' },
    { ...flow, world: 'comes true', failures: [{ method, fault: 'ProviderUnreachable', times: 1, after: true }] },
    { ...flow, world: 'comes true', failures: [{ method, fault: 'Throttled', times: 2 }] },
    { ...flow, world: 'comes true', failures: [{ method, fault: 'ProviderDenied', times: 9 }] },
  ];
};

/** What EC2 has no verb for is never begun there. */
const isOffered = ({ kind, provider }: Flow): boolean =>
  provider === 'kvm' || (kind !== 'reset-vm' && kind !== 'undelete-vm');

/** A create whose undo meets a host that is away, then again and again. */
const UNDONE_LATER: Flow = {
  kind: 'create-vm',
  provider: 'kvm',
  world: 'comes true',
  failures: [
    { method: 'create', fault: 'SpecRefused', times: 9 },
    { method: 'undoCreate', fault: 'HostUnreachable', times: 9 },
  ],
};

/** All stories that are recorded at a release. */
export const FLOWS: readonly Flow[] = [
  ...(['ec2', 'kvm'] as const)
    .flatMap((provider) => KINDS.flatMap((kind) => storiesOf(kind, provider)))
    .filter(isOffered),
  UNDONE_LATER,
];
