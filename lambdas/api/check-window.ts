import type { WindowSpec } from '../domain/maintenance-window.ts';
import type { VmGroup } from '../domain/vm-group.ts';
import * as calendars from '../store/calendars.ts';
import * as windows from '../store/windows.ts';
import { assertRoom, assertTimes, referred } from './check-times.ts';

type Checked = WindowSpec & { readonly id?: string };

/**
 * What no schema can say of a window: that its zone is one, that its filter can be read, that its VMs, calendars and groups
 * are there. @returns the groups that it is about @throws InvalidRequest, InvalidFilter, naming the place
 */
export const assertWindow = async (spec: Checked, project: string): Promise<readonly VmGroup[]> => {
  const about = await assertTimes(spec, project);
  const { calendars: ids = [], id } = spec;
  const found = referred('calendar', ids, await calendars.these(project, ids), project);
  if (found.length === 0) return about;
  const users = id === undefined ? [] : await windows.usersOf({ project, id });
  const joining = users.map((schedule) => schedule.id);
  for (const [pointer, calendar] of found) await assertRoom(pointer, calendar, joining);
  return about;
};
