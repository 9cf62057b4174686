import { etagOf } from '../domain/asked.ts';
import { ProjectView, projectView } from '../domain/view.ts';
import * as projects from '../store/projects.ts';
import { ProjectPath } from './project-path.ts';
import { route } from './route.ts';

/** GET /v1/projects/{id} */
export const getProject = route({
  method: 'GET',
  path: '/v1/projects/{id}',
  action: 'get-project',
  summary: 'Show a project',
  access: 'system',
  params: ProjectPath,
  answers: { 200: ProjectView },
  handler: async ({ params: { id } }) => {
    const project = (await projects.find(id)) ?? projects.notFound(id);
    return { status: 200, headers: { etag: etagOf(project) }, body: projectView(project) };
  },
});
