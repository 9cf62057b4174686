import { pageOf } from '../domain/page.ts';
import type { Project } from '../domain/project.ts';
import { ProjectView, projectView } from '../domain/view.ts';
import * as projects from '../store/projects.ts';
import { listed, PageQuery } from './page.ts';
import { filterNames, route } from './route.ts';

const FIELDS = { plain: { id: ({ id }: Project) => id, by: ({ by }: Project) => by } };

const LIST = {
  name: 'projects',
  fields: FIELDS,
  read: (_: string, range: Parameters<typeof projects.page>[0]) => projects.page(range),
  position: projects.positionOf,
  view: projectView,
  shows: ({ live }: Project) => live,
};

/** GET /v1/projects */
export const listProjects = route({
  method: 'GET',
  path: '/v1/projects',
  action: 'list-projects',
  summary: 'List projects by id, the one that is always there first',
  access: 'system',
  query: PageQuery,
  filter: filterNames(FIELDS),
  answers: { 200: pageOf(ProjectView) },
  handler: (input, { by }) => listed(LIST, input, by),
});
