import * as z from 'zod';
import { Membership, Role } from '../domain/principal.ts';
import { ProjectId } from '../domain/project.ts';
import { route } from './route.ts';

const Me = z.strictObject({
  id: z.string(),
  name: z.string(),
  project: ProjectId,
  role: Role,
  /** Whether you administer the installation, too. */
  system: z.boolean(),
  /** Every project in which you were given a role; an admin of the installation may act in all there are. */
  projects: z.array(Membership),
});

/** GET /v1/me */
export const getMe = route({
  method: 'GET',
  path: '/v1/me',
  action: 'get-me',
  summary: 'Who you are here, in which project you act, and your role',
  access: 'viewer',
  pastToo: true,
  answers: { 200: Me },
  handler: async (_, { by: { id, name, project, role, system, memberships = [] } }) => ({
    status: 200,
    body: { id, name, project, role, system, projects: [...memberships] },
  }),
});
