import type { ProjectBounds } from '../api.ts';
import type { ListOptions, Verb } from '../command-tree.ts';
import { printItems } from '../output.ts';
import type { CommonOptions } from '../session.ts';
import { projectView } from '../views.ts';
import { confirm } from './confirm.ts';
import { printPages } from './listing.ts';

/** `project list` */
export const listProjects: Verb<ListOptions> = (session, _args, options) =>
  printPages(session, options, projectView(Date.now()), (query) => session.client.call('GET /v1/projects', { query }));

/** `project create` */
export const createProject: Verb = async (session, [id = '']) => {
  const project = await session.client.call('POST /v1/projects', { body: { id } });
  await printItems(session, projectView(Date.now()), [project]);
  session.note(
    `People act in it by a group novacron-${id}-<role>, programs by a token: novacron token create --project ${id}`,
  );
  return undefined;
};

type Bound = number | 'none';

const bounded = (field: keyof ProjectBounds, bound: Bound | undefined): ProjectBounds =>
  bound === undefined ? {} : { [field]: bound === 'none' ? null : bound };

/** `project quota` */
export const setQuota: Verb<CommonOptions & { readonly [K in keyof ProjectBounds]?: Bound }> = async (
  session,
  [id = ''],
  { maxVms, maxOperationsPerMinute },
) => {
  const body = { ...bounded('maxVms', maxVms), ...bounded('maxOperationsPerMinute', maxOperationsPerMinute) };
  const project = await session.client.call('PATCH /v1/projects/{id}', { path: { id }, body });
  await printItems(session, projectView(Date.now()), [project]);
  return undefined;
};

/** `project delete` */
export const deleteProjects: Verb<CommonOptions & { readonly yes?: true }> = async (session, ids, { yes }) => {
  if (!yes)
    await confirm(
      session.io,
      `Delete ${ids.join(', ')}, and erase all but the audit log? No project is called so again.`,
    );
  for (const id of ids) {
    await session.client.call('DELETE /v1/projects/{id}', { path: { id } });
    session.note(`${id} is deleted. What is held of it is erased within some hours; its audit log stays.`);
  }
  return undefined;
};
