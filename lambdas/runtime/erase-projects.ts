import { Fault } from '../domain/faults.ts';
import { type Project, projectOf } from '../domain/project.ts';
import type { Vm } from '../domain/vm.ts';
import * as erasure from '../store/erasure.ts';
import * as opens from '../store/opens.ts';
import * as projects from '../store/projects.ts';
import { giveUp } from '../store/settle.ts';
import * as vms from '../store/vms.ts';
import type { Item } from '../store/write.ts';
import { logger } from './powertools.ts';
import { removeUserData } from './user-data.ts';

/**
 * So long after a project was deleted nothing of it is under way any more: requests, workflows, the stream, and EC2, which shows an
 * instance for a while that is gone and whose row must be there to know it by.
 */
const QUIET_MS = 3_600_000;

/** A page of the table takes some seconds at most; the function ends after five minutes. */
const WORK_MS = 200_000;

/** Who gives VMs up here, in the audit log. */
const BY = 'novacron:eraser';

const hasOpenOperation = async (project: string): Promise<boolean> => {
  for await (const operation of opens.all()) if (projectOf(operation) === project) return true;
  return false;
};

/** Gone at its provider for as long as that: nothing of it is there to remove, and its API answers nobody who could delete it. */
const isGivenUp = ({ state, lock, changedAt }: Vm, quietSince: string): boolean =>
  state === 'lost' && lock === undefined && changedAt < quietSince;

/**
 * Gives lost VMs up, unless something else of the project is there: what came back since (a VM that lives after all at its
 * provider, or whose host is silent) is a person's to end first. @returns whether nothing is in use any more
 */
const isFree = async (project: string, at: string, quietSince: string): Promise<boolean> => {
  const remaining = await vms.remaining(project);
  if (remaining.some((vm) => !isGivenUp(vm, quietSince)) || (await hasOpenOperation(project))) return false;
  for (const vm of remaining) {
    await giveUp(vm, { at, by: BY, why: 'It is gone at its provider, and its project is deleted.' });
    logger.warn('a lost VM of a deleted project is given up', { project, vmId: vm.id });
  }
  return true;
};

/** User-data that no launch has taken is found by its VM's row alone. */
const removeObjects = async (rows: readonly Item[]): Promise<void> => {
  for (const { entity, id } of rows) if (entity === 'vm') await removeUserData(String(id));
};

/** Goes over the whole table until a pass finds nothing of the project. @returns whether it came to that before `until` (ms) */
const erase = async (project: Project, at: string, until: number): Promise<boolean> => {
  let now = erasure.erasingOf(project);
  while (Date.now() < until) {
    now = await erasure.erasePage(now, removeObjects);
    const isWhole = now.erasure.after === undefined;
    if (isWhole && now.erasure.found === 0) {
      await erasure.finish(now, at);
      logger.info('a project is erased', { project: project.id, removed: now.erasure.removed });
      return true;
    }
    if (isWhole) now = erasure.passAgain(now);
  }
  await erasure.rest(now);
  return false;
};

/**
 * Erases what is held of deleted projects, but for their audit logs. It may die anywhere: the next run goes on from there. One
 * that cannot be erased now keeps no other waiting. @returns how many are erased
 */
export const eraseProjects = async (at: string): Promise<number> => {
  const until = Date.now() + WORK_MS;
  let erased = 0;
  const quietSince = new Date(Date.parse(at) - QUIET_MS).toISOString();
  for await (const project of projects.deletedBefore(quietSince)) {
    try {
      if (!(await isFree(project.id, at, quietSince)))
        logger.warn('a deleted project is not erased: it is in use', { project: project.id });
      else if (await erase(project, at, until)) erased += 1;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      logger.warn('a deleted project is not erased yet', { project: project.id, fault: error.name });
    }
  }
  return erased;
};
