import * as z from 'zod';
import { assertUnchanged, etagOf } from '../domain/asked.ts';
import { Fault } from '../domain/faults.ts';
import { DEFAULT_PROJECT } from '../domain/ids.ts';
import { type Project, ProjectQuota } from '../domain/project.ts';
import { ProjectView, projectView } from '../domain/view.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as pace from '../store/pace.ts';
import * as projects from '../store/projects.ts';
import * as table from '../store/table.ts';
import { audited } from './audited.ts';
import { ProjectPath } from './project-path.ts';
import { type Call, route } from './route.ts';

const { maxVms, maxOperationsPerMinute } = ProjectQuota.shape;

/** Null lifts a bound; what is left out stays. */
const PatchProject = z.strictObject({
  maxVms: maxVms.unwrap().nullable().optional(),
  maxOperationsPerMinute: maxOperationsPerMinute.unwrap().nullable().optional(),
});
type PatchProject = z.output<typeof PatchProject>;

/** A bound below what there is takes nothing away: it refuses the next. */
const patched = (before: Project, change: PatchProject): Project => {
  const { maxVms: _, maxOperationsPerMinute: __, ...rest } = before;
  const bounds = Object.entries({ ...ProjectQuota.strip().parse(before), ...change });
  return { ...rest, ...Object.fromEntries(bounds.filter(([, value]) => value !== null && value !== undefined)) };
};

const quotaOf = (project: Project): ProjectQuota => ProjectQuota.strip().parse(project);

const patch = async (id: string, change: PatchProject, call: Call): Promise<Project> => {
  const before = await projects.recounted(id);
  assertUnchanged(before, call);
  const after = table.next(patched(before, change));
  const told = audited(call, { subject: id, before: quotaOf(before), after: quotaOf(after) });
  await table.transact([table.swapping(projects.entity, after), ...told]);
  return after;
};

/** PATCH /v1/projects/{id} */
export const patchProject = route({
  method: 'PATCH',
  path: '/v1/projects/{id}',
  action: 'patch-project',
  summary: 'Bound how many VMs a project may have and how many operations it may begin a minute; counts its VMs anew',
  access: 'system',
  params: ProjectPath,
  body: PatchProject,
  answers: { 200: ProjectView },
  handler: async ({ params: { id }, body }, call) => {
    if (id === DEFAULT_PROJECT) {
      throw new Fault('InvalidRequest', `${id} is the installation's own project, and has no quota.`);
    }
    const project = await untilWritten(() => patch(id, body, call));
    pace.forget(id);
    return { status: 200, headers: { etag: etagOf(project) }, body: projectView(project) };
  },
});
