import * as z from 'zod';
import { rowOf } from '../domain/observation.ts';
import type { Observed, Vm } from '../domain/vm.ts';
import * as vms from '../store/vms.ts';
import { env, text } from './env.ts';
import { answerSight, readyBySight } from './holder.ts';
import { providerOf } from './providers.ts';
import { type Describe, describeAlone } from './sights.ts';
import { untilWritten } from './until-written.ts';

const { INSTALLATION } = env({ INSTALLATION: text });

/** "EC2 Instance State-change Notification", source aws.ec2, forwarded from each enabled Region. */
export const Changed = z.object({
  account: z.string(),
  region: z.string(),
  detail: z.object({ 'instance-id': z.string() }),
});
export type Changed = z.infer<typeof Changed>;

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

/** The row of an instance that has changed, read before it is looked at: what is written after that is not taken back. */
export interface Subject {
  /** ISO instant before the row was read. */
  readonly at: string;
  readonly known?: Vm;
  /** The row, or as much as is known of an instance without one: enough to look at it. */
  readonly asked: Vm;
}

export const subjectOf = async ({ account, region, detail }: Changed): Promise<Subject> => {
  const at = new Date().toISOString();
  const known = await vms.byProviderId(detail['instance-id']);
  return { at, ...(known ? { known } : {}), asked: known ?? unknown(account, region, detail['instance-id'], at) };
};

const look = async ({ at, known, asked }: Subject, describe: Describe): Promise<void> => {
  const first = await describe(asked);
  if (first === undefined) return;
  const vm = known ?? (await marked(first));
  // Where it ends a wait, Record writes what was seen.
  if (vm !== undefined && (await answerSight(vm, first, readyBySight(providerOf('ec2'))))) return;
  // The launch writes its id at this moment, and must not lose the race against us.
  if (known === undefined && vm?.lock !== undefined) return;
  // What is written was seen after its row was read: what was written in between is not taken back.
  const seen = known === undefined && vm !== undefined ? await describeAlone(vm) : first;
  if (seen !== undefined) await vms.observe(INSTALLATION, seen, at, vm);
};

/**
 * An instance has changed its state. The event only says where to look: it may be late, doubled or out of order, so what
 * EC2 says now is what counts. One that nobody here made is shown from then on; reconcile finds those that were never told of.
 * `describe` is asked once for the subject; where its row was written meanwhile, both are read anew. @throws Fault
 */
export const hearOf = (changed: Changed, subject: Subject, describe: Describe): Promise<void> => {
  const given: { readonly subject: Subject; readonly describe: Describe }[] = [{ subject, describe }];
  return untilWritten(async () => {
    const { subject: now, describe: seenBy } = given.pop() ?? {
      subject: await subjectOf(changed),
      describe: describeAlone,
    };
    await look(now, seenBy);
  });
};
