import { getHealth } from './get-health.ts';
import { getHost } from './get-host.ts';
import { getImage } from './get-image.ts';
import { getMe } from './get-me.ts';
import { getOperation } from './get-operation.ts';
import { getProject } from './get-project.ts';
import { getSavings } from './get-savings.ts';
import { getSchedule } from './get-schedule.ts';
import { getVm } from './get-vm.ts';
import { listHosts } from './list-hosts.ts';
import { listImages } from './list-images.ts';
import { listOperations } from './list-operations.ts';
import { listProjects } from './list-projects.ts';
import { listSchedules } from './list-schedules.ts';
import { listSizes } from './list-sizes.ts';
import { listTokens } from './list-tokens.ts';
import { listVmEvents } from './list-vm-events.ts';
import { listVms } from './list-vms.ts';
import type { Route } from './route.ts';

/** GET of everything that the state table alone can answer, and whatever no route fits. */
export const READ: readonly Route[] = [
  getHealth,
  getMe,
  listVms,
  getVm,
  listVmEvents,
  listOperations,
  getOperation,
  listHosts,
  getHost,
  listImages,
  getImage,
  listTokens,
  listProjects,
  getProject,
  listSizes,
  getSavings,
  listSchedules,
  getSchedule,
];
