import type { Host } from '../domain/host.ts';
import { pageOf } from '../domain/page.ts';
import { HostView, hostView } from '../domain/view.ts';
import * as hosts from '../store/hosts.ts';
import * as table from '../store/table.ts';
import { HOST_FIELDS } from './host-fields.ts';
import { listed, PageQuery } from './page.ts';
import { filterNames, route } from './route.ts';

const LIST = {
  name: 'hosts',
  fields: HOST_FIELDS,
  read: (_: string, range: Parameters<typeof hosts.page>[0]) => hosts.page(range),
  position: (host: Host) => table.positionOf(hosts.entity, host, 'gsi1'),
  view: (host: Host) => hostView(host),
};

/** GET /v1/hosts */
export const listHosts = route({
  method: 'GET',
  path: '/v1/hosts',
  action: 'list-hosts',
  summary: 'List hosts by name',
  access: 'viewer',
  query: PageQuery,
  filter: filterNames(HOST_FIELDS),
  answers: { 200: pageOf(HostView) },
  handler: (input, { by }) => listed(LIST, input, by),
});
