import { assertUnchanged } from '../domain/asked.ts';
import { Fault } from '../domain/faults.ts';
import { DEFAULT_PROJECT } from '../domain/ids.ts';
import type { Project } from '../domain/project.ts';
import { projectView } from '../domain/view.ts';
import * as names from '../store/names.ts';
import * as projects from '../store/projects.ts';
import * as table from '../store/table.ts';
import * as tokens from '../store/tokens.ts';
import * as vms from '../store/vms.ts';
import { audited } from './audited.ts';
import { ProjectPath } from './project-path.ts';
import { type Call, route } from './route.ts';

const tokensIn = async (id: string, at: string): Promise<number> => {
  let count = 0;
  for await (const { revokedAt, expiresAt } of tokens.allOf(id)) if (!revokedAt && expiresAt > at) count += 1;
  return count;
};

const assertEmpty = async (id: string, at: string): Promise<void> => {
  const [living, good] = [(await vms.remaining(id)).length, await tokensIn(id, at)];
  if (living + good === 0) return;
  throw new Fault(
    'ProjectInUse',
    `${id} has ${living} VMs (those with kept disks too) and ${good} tokens. Purge and revoke them first.`,
  );
};

const end = async (project: Project, call: Call): Promise<Project> => {
  const after = table.next({ ...project, live: false, deletedAt: call.at });
  const told = audited(call, { subject: project.id, before: projectView(project) });
  await table.transact([table.swapping(projects.entity, after), ...told]);
  return after;
};

/** A create that was let through a moment before, and is in no list yet, has taken its name. */
const assertNothingCame = async (ended: Project): Promise<void> => {
  if (!(await names.areHeldIn(ended.id))) return;
  const { deletedAt: _, ...rest } = ended;
  await table.save(table.swapping(projects.entity, table.next({ ...rest, live: true })));
  throw new Fault('ProjectInUse', `A VM was made in ${ended.id} at this moment.`);
};

/** DELETE /v1/projects/{id} */
export const deleteProject = route({
  method: 'DELETE',
  path: '/v1/projects/{id}',
  action: 'delete-project',
  summary:
    'Delete a project in which no VM and no token is left, and erase all that is held of it but its audit log; its id is not given again',
  access: 'system',
  params: ProjectPath,
  answers: { 204: null },
  handler: async ({ params: { id } }, call) => {
    if (id === DEFAULT_PROJECT) throw new Fault('ProjectInUse', `${id} is the installation's own project.`);
    const project = (await projects.find(id)) ?? projects.notFound(id);
    assertUnchanged(project, call);
    await assertEmpty(id, call.at);
    await assertNothingCame(await end(project, call));
    return { status: 204 };
  },
});
