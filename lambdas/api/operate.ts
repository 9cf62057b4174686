import * as z from 'zod';
import { etagOf } from '../domain/asked.ts';
import type { Change } from '../domain/intent.ts';
import { type Operation, STEPS } from '../domain/operation.ts';
import { Price } from '../domain/price.ts';
import { OperationView, operationView } from '../domain/view.ts';
import { assertMay, Location, type Vm, type VmOperationKind } from '../domain/vm.ts';
import { begin } from '../store/begin.ts';
import { vmOf } from './gate.ts';
import type { Call, Reply } from './route.ts';

/** Of every route that begins an operation. */
export const OperateQuery = z.strictObject({
  /** Answer what would be done, and do nothing. */
  dryRun: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true'),
});

/** Body of the actions that boot a guest and wait until it is ready. */
export const BootBody = z.strictObject({
  /** How long the guest has until it is called not ready. */
  readyTimeoutSeconds: z.number().int().min(10).max(3600).default(300),
});

/** What a dry run answers. */
export const Plan = z
  .strictObject({
    plan: z.strictObject({
      steps: z.array(z.string()),
      location: Location,
      hostId: z.string().optional(),
      instanceType: z.string().optional(),
      refusedHosts: z.array(z.strictObject({ host: z.string(), filter: z.string(), detail: z.string() })).optional(),
      price: Price.optional(),
    }),
  })
  .meta({ id: 'Plan' });
export type Plan = z.infer<typeof Plan>;

/** The answers of every route that begins an operation. */
export const OPERATE_ANSWERS = { 202: OperationView, 200: Plan } as const;

/** 202 with the operation and where to follow it. */
export const accepted = (operation: Operation): Reply => ({
  status: 202,
  headers: { location: `/v1/operations/${operation.id}`, etag: etagOf(operation) },
  body: operationView(operation),
});

/** Begins what `change` says, unless this very request has begun it before. */
const operate = async (call: Call, change: () => Promise<Change>): Promise<Reply> =>
  accepted(call.earlier?.operation ?? (await begin(call, await change())));

const planOf = (kind: VmOperationKind, vm: Vm): Plan => ({
  plan: {
    steps: [...STEPS[kind]],
    location: vm.location,
    ...(vm.location.hostId ? { hostId: vm.location.hostId } : {}),
  },
});

export interface VmAction {
  readonly kind: VmOperationKind;
  readonly id: string;
  readonly dryRun: boolean;
  readonly input: Operation['input'];
  /** Further reasons to refuse, and rows that the change needs. */
  readonly prepare?: (vm: Vm) => Promise<Partial<Change>>;
}

/** Asks a VM for an action, or for the plan of it. @throws VmNotFound and what assertMay and begin throw */
export const act = async (call: Call, { kind, id, dryRun, input, prepare }: VmAction): Promise<Reply> => {
  const change = async (): Promise<Change> => {
    const vm = await vmOf(call.by, id);
    return { kind, vm, input, ...(await prepare?.(vm)) };
  };
  if (!dryRun) return operate(call, change);
  const { vm } = await change();
  const planned = vm ?? (await vmOf(call.by, id));
  assertMay(planned, kind);
  return { status: 200, body: planOf(kind, planned) };
};
