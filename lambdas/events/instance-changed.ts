import * as z from 'zod';
import { rowOf } from '../domain/observation.ts';
import type { Observed, Vm } from '../domain/vm.ts';
import { env, text } from '../runtime/env.ts';
import { answerSight, readyBySight } from '../runtime/holder.ts';
import { providerOf } from '../runtime/providers.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as vms from '../store/vms.ts';

const { INSTALLATION } = env({ INSTALLATION: text });

/** "EC2 Instance State-change Notification", source aws.ec2, forwarded from each enabled Region. */
const Changed = z.object({
  account: z.string(),
  region: z.string(),
  detail: z.object({ 'instance-id': z.string() }),
});

/** An instance of which no more is known than where it is: enough to ask EC2 for it. */
const unknown = (account: string, region: string, providerId: string, at: string): Vm =>
  rowOf(
    INSTALLATION,
    {
      providerId,
      name: providerId,
      state: 'unknown',
      location: { account, region },
      vcpus: 0,
      memoryMiB: 0,
      disks: [],
      nics: [],
      addresses: [],
      tags: {},
    },
    at,
  );

/** The VM of ours that an instance carries the mark of, where it is the one: its row may not know its id yet. */
const marked = async ({ vmId, providerId }: Observed): Promise<Vm | undefined> => {
  const vm = vmId === undefined ? undefined : await vms.find(vmId);
  return vm?.providerId === undefined || vm.providerId === providerId ? vm : undefined;
};

const look = async ({ account, region, detail }: z.infer<typeof Changed>): Promise<void> => {
  const at = new Date().toISOString();
  const known = await vms.byProviderId(detail['instance-id']);
  const ec2 = providerOf('ec2');
  const first = await ec2.describe(known ?? unknown(account, region, detail['instance-id'], at));
  if (first === undefined) return;
  const vm = known ?? (await marked(first));
  // Where it ends a wait, Record writes what was seen.
  if (vm !== undefined && (await answerSight(vm, first, readyBySight(ec2)))) return;
  // The launch writes its id at this moment, and must not lose the race against us.
  if (known === undefined && vm?.lock !== undefined) return;
  // What is written was seen after its row was read: what was written in between is not taken back.
  const seen = known === undefined && vm !== undefined ? await ec2.describe(vm) : first;
  if (seen !== undefined) await vms.observe(INSTALLATION, seen, at, vm);
};

/**
 * An instance has changed its state. The event only says where to look: it may be late, doubled or out of order, so what
 * EC2 says now is what counts. One that nobody here made is shown from then on; reconcile finds those that were never told of.
 */
export const handler = (event: unknown): Promise<void> => {
  const changed = Changed.parse(event);
  return untilWritten(() => look(changed));
};
