import * as z from 'zod';
import { Fault } from './faults.ts';
import { DEFAULT_PROJECT } from './ids.ts';
import { ProjectId } from './project.ts';

/** Viewer reads, operator also changes VMs, admin also tokens of the project; host may only report for itself. */
export const Role = z.enum(['viewer', 'operator', 'admin', 'host']);
export type Role = z.infer<typeof Role>;

/** What somebody may do in a project. */
export const Membership = z.strictObject({ project: ProjectId, role: Role });
export type Membership = z.infer<typeof Membership>;

/** Who asks: a person by OIDC, a program by one of our tokens, an AWS identity, or a host. */
export interface Principal {
  /** `oidc:<issuer>#<sub>`, `token:<id>`, `aws:<arn>`, `host:<id>`: what audit rows and operation ids carry. */
  readonly id: string;
  readonly name: string;
  /** The project this request acts in, and the role there. */
  readonly project: string;
  readonly role: Role;
  /** Administers the installation: hosts, images, projects; may act in every project. */
  readonly system: boolean;
  /** All the projects it was given a role in, where it may choose. */
  readonly memberships?: readonly Membership[];
  /** For role host: the one host it speaks for. */
  readonly hostId?: string;
  /** When the token that was shown ends, where it is one of ours. */
  readonly endsAt?: string;
}

/** Whom a token stands for, before it is known in which of its projects this request acts. */
export type Identity = Omit<Principal, 'project' | 'role' | 'memberships'> & {
  readonly memberships: readonly Membership[];
};

const RANK: Record<Exclude<Role, 'host'>, number> = { viewer: 0, operator: 1, admin: 2 };

/** Whether a role may do what `needed` is required for; `host` is a lane of its own. */
export const mayAct = (role: Role, needed: Role): boolean =>
  role === 'host' || needed === 'host' ? role === needed : RANK[role] >= RANK[needed];

/** One role a project: the highest. */
export const highest = (memberships: readonly Membership[]): Membership[] => {
  const roles = new Map<string, Role>();
  for (const { project, role } of memberships) {
    const known = roles.get(project);
    if (known === undefined || !mayAct(known, role)) roles.set(project, role);
  }
  return [...roles].map(([project, role]) => ({ project, role }));
};

/** The header by which a request chooses its project. */
export const PROJECT_HEADER = 'novacron-project';

const wrongHeader = (text: string, detail: string): Fault =>
  new Fault('InvalidRequest', text, { errors: [{ pointer: `header/${PROJECT_HEADER}`, detail }] });

const chosen = (wanted: string): string => {
  if (ProjectId.safeParse(wanted).success) return wanted;
  const detail = 'a project id: 1 to 63 characters of a-z, 0-9 and -, beginning with a letter';
  throw wrongHeader(`The header NovaCron-Project takes ${detail}.`, detail);
};

/** The only project there is a role in, else `default`. @throws InvalidRequest, naming the choices */
const homeOf = (memberships: readonly Membership[]): string => {
  const projects = memberships.map(({ project }) => project);
  if (projects.includes(DEFAULT_PROJECT)) return DEFAULT_PROJECT;
  const [only, ...more] = projects;
  if (only !== undefined && more.length === 0) return only;
  const detail = `one of ${projects.join(', ')}`;
  throw wrongHeader(`Say which project you mean, by the header NovaCron-Project: ${detail}.`, detail);
};

/** What a stranger to a project is told, whether there is such a project or not. */
export const noMember = (project: string): Fault =>
  new Fault('Forbidden', `You have no role in a project ${project}, or there is none.`);

/**
 * Who acts, in the project that the request names or that goes without saying. Whether that project is there, or was
 * deleted, is the caller's to look up. @throws Forbidden where there is no role in it, InvalidRequest where it must be named
 */
export const actingIn = (identity: Identity, wanted: string | undefined): Principal => {
  const project = wanted === undefined ? homeOf(identity.memberships) : chosen(wanted);
  const member = identity.memberships.find((each) => each.project === project);
  const role = identity.system ? 'admin' : member?.role;
  if (role === undefined) throw noMember(project);
  return { ...identity, project, role };
};
