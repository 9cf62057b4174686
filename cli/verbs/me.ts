import type { Verb } from '../command-tree.ts';
import { printValue } from '../output.ts';
import { sheet } from '../table.ts';

/** `me` */
export const showMe: Verb = async (session) => {
  const { client, plane, paint } = session;
  const me = await client.call('GET /v1/me');
  const page = () =>
    sheet(
      [
        ['Name', me.name],
        ['Role', me.system ? `${me.role}, of the installation too` : me.role],
        ['Project', me.project],
        ['Projects', me.projects.map(({ project, role }) => `${project} (${role})`).join('\n')],
        ['Id', me.id],
        ['Plane', plane.url],
        ['Known from', plane.source],
      ],
      (text) => paint('bold', text),
    );
  await printValue(session, me, page, me.name);
  return undefined;
};
