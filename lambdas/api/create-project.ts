import * as z from 'zod';
import { Fault } from '../domain/faults.ts';
import { DEFAULT_PROJECT } from '../domain/ids.ts';
import { type Project, ProjectId } from '../domain/project.ts';
import { ProjectView, projectView } from '../domain/view.ts';
import * as projects from '../store/projects.ts';
import * as table from '../store/table.ts';
import { audited } from './audited.ts';
import { type Call, route } from './route.ts';

const CreateProject = z.strictObject({ id: ProjectId });

const make = async (id: string, call: Call): Promise<Project> => {
  if (id === DEFAULT_PROJECT) throw new Fault('NameTaken', `The project ${id} is always there.`);
  const project: Project = { id, by: call.by.id, createdAt: call.at, live: true, vms: 0, version: 1 };
  const told = audited(call, { subject: id, after: projectView(project) });
  await table.transact([projects.inserting(project), ...told]);
  return project;
};

/** POST /v1/projects */
export const createProject = route({
  method: 'POST',
  path: '/v1/projects',
  action: 'create-project',
  summary: 'Make a project, a tenant with VMs, names, operations and tokens of its own',
  access: 'system',
  body: CreateProject,
  answers: { 201: ProjectView },
  handler: async ({ body: { id } }, call) => {
    const before = call.earlier?.subject === undefined ? undefined : await projects.find(id);
    const project = before ?? (await make(id, call));
    return { status: 201, headers: { location: `/v1/projects/${id}` }, body: projectView(project) };
  },
});
