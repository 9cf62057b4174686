import { pageOf } from '../domain/page.ts';
import * as events from '../store/events.ts';
import * as table from '../store/table.ts';
import { vmOf } from './gate.ts';
import { listed, PageQuery } from './page.ts';
import { filterNames, route } from './route.ts';
import { VmPath } from './vm-path.ts';

const EventView = events.VmEvent.omit({ version: true, project: true });

const view = ({ version: _, project: __, ...event }: events.VmEvent) => event;

const FIELDS = {
  plain: { type: ({ type }: events.VmEvent) => type, operationId: (event: events.VmEvent) => event.operationId },
};

/** GET /v1/vms/{id}/events */
export const listVmEvents = route({
  method: 'GET',
  path: '/v1/vms/{id}/events',
  action: 'list-vm-events',
  summary: 'What happened to a VM, newest first',
  access: 'viewer',
  params: VmPath,
  query: PageQuery,
  filter: filterNames(FIELDS),
  answers: { 200: pageOf(EventView) },
  handler: async (input, { by }) => {
    const { id } = await vmOf(by, input.params.id);
    const read = (_: string, range: Pick<table.Range, 'limit' | 'after'>) => events.page(id, range);
    const position = (event: events.VmEvent) => table.positionOf(events.entity, event);
    return listed({ name: `events/${id}`, fields: FIELDS, read, position, view }, input, by);
  },
});
