import { VmGroupChange, VmGroupSpec } from '../../lambdas/domain/vm-group.ts';
import { collect, pageAt, type Session } from '../session.ts';
import type { Kind } from './kind.ts';
import { namedForm, vmReferences } from './references.ts';

/** Groups, as the API has them; VMs by their names. */
export const groupsOf = (session: Session): Kind => {
  const { client } = session;
  return {
    key: 'groups',
    noun: 'group',
    spec: VmGroupSpec,
    change: VmGroupChange,
    forms: { vms: namedForm(vmReferences(session)) },
    list: () => collect((cursor) => client.call('GET /v1/groups', { query: pageAt(cursor) })),
    get: async (id) => {
      const { answer, etag } = await client.ask('GET /v1/groups/{id}', { path: { id } });
      return { row: answer, etag };
    },
    create: async (spec) => {
      await client.call('POST /v1/groups', { body: VmGroupSpec.parse(spec) });
    },
    patch: async (id, change, ifMatch) => {
      const headers = { 'if-match': ifMatch };
      await client.call('PATCH /v1/groups/{id}', { path: { id }, body: VmGroupChange.parse(change), headers });
    },
    remove: async (id, ifMatch) => {
      await client.call('DELETE /v1/groups/{id}', { path: { id }, headers: { 'if-match': ifMatch } });
    },
  };
};
