import { VmGroupView } from '../domain/vm-group.ts';
import * as groups from '../store/groups.ts';
import { answered } from './change-group.ts';
import { GroupPath } from './group-path.ts';
import { route } from './route.ts';

/** GET /v1/groups/{id} */
export const getGroup = route({
  method: 'GET',
  path: '/v1/groups/{id}',
  action: 'get-group',
  summary: 'A group as people have said it; who is in it now is GET /v1/vms?group=<name>',
  access: 'viewer',
  params: GroupPath,
  answers: { 200: VmGroupView },
  handler: async ({ params: { id } }, { by }) => answered(await groups.get(by.project, id)),
});
