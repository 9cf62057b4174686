import { WindowView, windowView } from '../domain/maintenance-window.ts';
import { pageOf } from '../domain/page.ts';
import * as table from '../store/table.ts';
import * as windows from '../store/windows.ts';
import { type List, listed, PageQuery } from './page.ts';
import { filterNames, route } from './route.ts';

const FIELDS = {
  plain: {
    id: ({ id }: windows.Timed) => id,
    name: ({ name }: windows.Timed) => name,
    timeZone: ({ timeZone }: windows.Timed) => timeZone,
    by: ({ by }: windows.Timed) => by,
  },
};

const LIST: Omit<List<windows.Timed>, 'view'> = {
  name: 'windows',
  fields: FIELDS,
  read: async (project, range) => {
    const slice = await windows.page(project, range);
    return { ...slice, rows: await windows.timed(project, slice.rows) };
  },
  position: (window) => table.positionOf(windows.entity, window),
};

/** GET /v1/windows */
export const listWindows = route({
  method: 'GET',
  path: '/v1/windows',
  action: 'list-windows',
  summary: 'List the windows of the project, oldest first: which are open now, and the next openings of each',
  access: 'viewer',
  query: PageQuery,
  filter: filterNames(FIELDS),
  answers: { 200: pageOf(WindowView) },
  handler: (input, { by, at }) => listed({ ...LIST, view: (window) => windowView(window, Date.parse(at)) }, input, by),
});
