import * as z from 'zod';
import { DEFAULT_PROJECT } from './ids.ts';
import { Membership } from './principal.ts';

/** What an AWS identity is given here: `operator` is a role in `default`, `shop:operator` one in the project shop. */
export const Grant = z
  .string()
  .regex(/^(?:[a-z][a-z0-9-]{0,62}:)?(?:viewer|operator|admin)$/, 'viewer, operator or admin, or <project>:<role>');

/** What a grant says. A bare `admin` administers the installation, too. */
export const grantOf = (grant: string): Membership & { readonly system: boolean } => {
  const at = grant.indexOf(':');
  const project = at < 0 ? DEFAULT_PROJECT : grant.slice(0, at);
  return { ...Membership.parse({ project, role: grant.slice(at + 1) }), system: grant === 'admin' };
};
