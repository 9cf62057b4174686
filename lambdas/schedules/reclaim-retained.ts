import { createHash } from 'node:crypto';
import type { Asked } from '../domain/asked.ts';
import { Fault } from '../domain/faults.ts';
import { projectOf } from '../domain/project.ts';
import type { Vm } from '../domain/vm.ts';
import { eraseProjects } from '../runtime/erase-projects.ts';
import { logger } from '../runtime/powertools.ts';
import { isTrusted } from '../runtime/table-id.ts';
import { begin } from '../store/begin.ts';
import * as vms from '../store/vms.ts';

/** A host takes five documents at a time; what is left over is reclaimed an hour later. */
const AT_ONCE = 20;

type Retained = Vm & { retainedUntil: string };

const isOver = (vm: Vm, at: string): vm is Retained =>
  vm.state === 'deleted' && vm.lock === undefined && vm.retainedUntil !== undefined && vm.retainedUntil < at;

/** The plane asks for itself; the key makes the purge of one retention one operation. */
const askedFor = (vm: Retained, at: string): Asked => ({
  by: { id: 'novacron:reclaim', name: 'retention', project: projectOf(vm), role: 'admin', system: true },
  action: 'reclaim-retained',
  from: 'schedule',
  requestId: `reclaim-${vm.id}`,
  at,
  key: `${vm.id}/${vm.retainedUntil}`,
  hash: createHash('sha256').update(`reclaim ${vm.id} ${vm.retainedUntil}`).digest('hex'),
});

const purge = async (vm: Retained, at: string): Promise<void> => {
  try {
    await begin(askedFor(vm, at), { kind: 'delete-vm', vm, input: { purge: true } });
  } catch (error) {
    // Somebody undeletes it at this moment, or holds it: then it is not to be reclaimed now.
    if (!(error instanceof Fault)) throw error;
    logger.info('not reclaimed', { vmId: vm.id, fault: error.name });
  }
};

/** Purges what deleted VMs left and whose retention is over, the oldest first. @returns how many */
const purgeRetained = async (at: string): Promise<number> => {
  const over = (await Array.fromAsync(vms.all())).filter((vm) => isOver(vm, at));
  const due = over.sort((a, b) => (a.retainedUntil < b.retainedUntil ? -1 : 1)).slice(0, AT_ONCE);
  for (const vm of due) await purge(vm, at);
  return due.length;
};

/**
 * Each hour: purges what deleted VMs left, and erases deleted projects. Not in a table that was restored, until a person opens it
 * (`novacron audit unlock`): a row of then may call a VM deleted that was brought back since.
 */
export const handler = async (): Promise<{ reclaimed: number; erased: number }> => {
  const at = new Date().toISOString();
  if (!(await isTrusted())) {
    logger.warn('nothing is reclaimed: the table was restored');
    return { reclaimed: 0, erased: 0 };
  }
  const reclaimed = await purgeRetained(at);
  return { reclaimed, erased: await eraseProjects(at) };
};
