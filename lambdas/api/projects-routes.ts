import { createProject } from './create-project.ts';
import { createToken } from './create-token.ts';
import { deleteProject } from './delete-project.ts';
import { patchProject } from './patch-project.ts';
import { revokeToken } from './revoke-token.ts';
import type { Route } from './route.ts';
import { tradeToken } from './trade-token.ts';

/** Who may do what, and how much of it: changes of projects and of tokens. */
export const PROJECTS: readonly Route[] = [
  createProject,
  patchProject,
  deleteProject,
  createToken,
  revokeToken,
  tradeToken,
];
