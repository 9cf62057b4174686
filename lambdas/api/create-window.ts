import { newId } from '../domain/ids.ts';
import {
  type MaintenanceWindow,
  WindowSpec,
  WindowView,
  windowSummary,
  windowView,
} from '../domain/maintenance-window.ts';
import * as calendars from '../store/calendars.ts';
import * as groups from '../store/groups.ts';
import * as projects from '../store/projects.ts';
import * as table from '../store/table.ts';
import * as windows from '../store/windows.ts';
import { audited } from './audited.ts';
import { assertWindow } from './check-window.ts';
import { type Call, route } from './route.ts';

const make = async (spec: WindowSpec, call: Call): Promise<MaintenanceWindow> => {
  const { at, by } = call;
  const { project } = by;
  const about = await assertWindow(spec, project);
  const id = newId('win', Date.parse(at));
  const window: MaintenanceWindow = { ...spec, id, project, by: by.id, createdAt: at, version: 1 };
  const refers = [...calendars.referringTo(project, spec.calendars ?? []), ...groups.referringTo(about)];
  const told = audited(call, { subject: id, after: windowSummary(window) });
  await table.transact([...windows.inserting(window), ...projects.whileLive(project), ...refers, ...told]);
  return window;
};

/** POST /v1/windows */
export const createWindow = route({
  method: 'POST',
  path: '/v1/windows',
  action: 'create-window',
  summary: 'Say when VMs may be disturbed; a schedule that refers to it has its VMs up then',
  access: 'operator',
  body: WindowSpec,
  answers: { 201: WindowView },
  handler: async ({ body }, call) => {
    const before = call.earlier?.subject;
    const window = before === undefined ? await make(body, call) : await windows.get(call.by.project, before);
    const view = windowView(await windows.timedOne(window), Date.parse(call.at));
    return { status: 201, headers: { location: `/v1/windows/${window.id}` }, body: view };
  },
});
