import type { MaintenanceWindow } from '../maintenance-window.ts';
import type { Opening } from '../window-times.ts';
import { namedVms, silenceIdOf } from './derived-silence.ts';
import type { Silence } from './silence.ts';

/** A window that silences, as people look a silence up: its opening now or next, and the VMs that it is about. */
export const silenceOfWindow = (
  { id, name, createdAt }: MaintenanceWindow,
  { from, until }: Opening,
  vms: readonly string[],
): Silence => ({
  id: silenceIdOf(id),
  matchers: [namedVms(vms)],
  startsAt: new Date(from).toISOString(),
  endsAt: new Date(until).toISOString(),
  updatedAt: createdAt,
  createdBy: `window ${name}`,
  comment: `${vms.length} VMs are silent while the window is open. It is no silence that people made: change the window (${id}).`,
});
