import * as z from 'zod';

/** Viewer reads, operator also changes VMs, admin also hosts, images, tokens; host may only report for itself. */
export const Role = z.enum(['viewer', 'operator', 'admin', 'host']);
export type Role = z.infer<typeof Role>;

/** Who asks: a person by OIDC, a program by one of our tokens, an AWS identity, or a host. */
export const Principal = z.strictObject({
  /** `oidc:<issuer>#<sub>`, `token:<id>`, `aws:<arn>`, `host:<id>`: what audit rows and operation ids carry. */
  id: z.string(),
  name: z.string(),
  role: Role,
  /** For role host: the one host it speaks for. */
  hostId: z.string().optional(),
  /** When the token that was shown ends, where it is one of ours. */
  endsAt: z.string().optional(),
});
export type Principal = z.infer<typeof Principal>;

const RANK: Record<Exclude<Role, 'host'>, number> = { viewer: 0, operator: 1, admin: 2 };

/** Whether a role may do what `needed` is required for; `host` is a lane of its own. */
export const mayAct = (role: Role, needed: Role): boolean =>
  role === 'host' || needed === 'host' ? role === needed : RANK[role] >= RANK[needed];
