import * as z from 'zod';
import type { Observed, Vm } from '../domain/vm.ts';
import { answer } from '../runtime/answer.ts';
import { env, text } from '../runtime/env.ts';
import { isWaiting, saidBySight } from '../runtime/look.ts';
import { providerOf } from '../runtime/providers.ts';
import * as operations from '../store/operations.ts';
import * as vms from '../store/vms.ts';

const { INSTALLATION } = env({ INSTALLATION: text });

/** "EC2 Instance State-change Notification", source aws.ec2, forwarded from each enabled Region. */
const Changed = z.object({ detail: z.object({ 'instance-id': z.string() }) });

/** Whether the operation that holds the VM was waiting for just this. */
const answersWait = async (vm: Vm, seen: Observed): Promise<boolean> => {
  if (vm.lock === undefined) return false;
  const operation = await operations.find(vm.lock.operationId);
  const said = isWaiting(operation) ? saidBySight(operation.wait, seen) : undefined;
  return operation !== undefined && said !== undefined && (await answer(operation, said));
};

/**
 * An instance has changed its state. The event only says where to look: it may be late, doubled or out of order, so what
 * EC2 says now is what counts. An instance without a row is left to reconcile.
 */
export const handler = async (event: unknown): Promise<void> => {
  const vm = await vms.byProviderId(Changed.parse(event).detail['instance-id']);
  const seen = vm && (await providerOf(vm.provider).describe(vm));
  // Where it ends a wait, Record writes what was seen.
  if (vm === undefined || seen === undefined || (await answersWait(vm, seen))) return;
  await vms.observe(INSTALLATION, seen, new Date().toISOString());
};
