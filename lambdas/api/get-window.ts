import { WindowView } from '../domain/maintenance-window.ts';
import * as windows from '../store/windows.ts';
import { answered } from './change-window.ts';
import { route } from './route.ts';
import { WindowPath } from './window-path.ts';

/** GET /v1/windows/{id} */
export const getWindow = route({
  method: 'GET',
  path: '/v1/windows/{id}',
  action: 'get-window',
  summary: 'A window: whether it is open now, and its next openings',
  access: 'viewer',
  params: WindowPath,
  answers: { 200: WindowView },
  handler: async ({ params: { id } }, call) => answered(await windows.get(call.by.project, id), call),
});
