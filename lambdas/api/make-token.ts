import * as z from 'zod';
import { newId } from '../domain/ids.ts';
import type { Role } from '../domain/principal.ts';
import { projectOf } from '../domain/project.ts';
import { TokenView } from '../domain/view.ts';
import * as projects from '../store/projects.ts';
import * as table from '../store/table.ts';
import * as tokens from '../store/tokens.ts';
import { audited } from './audited.ts';
import type { Call } from './route.ts';

/** A token's row without what nobody needs to see. */
export const tokenView = ({ hash: _, version: __, hostId: ___, ...token }: tokens.Token): TokenView => ({
  ...token,
  project: projectOf(token),
  system: tokens.isSystem({ ...token, hash: '', version: 1 }),
});

/** A token as it is shown once. */
export const NewTokenView = TokenView.extend({ token: z.string() }).meta({ id: 'NewToken' });

export interface NewToken {
  readonly name: string;
  readonly role: Role;
  readonly project: string;
  readonly system: boolean;
  readonly seconds: number;
  readonly hostId?: string;
}

/** A token that is made and not yet written: its text, its row, and the writes of both row and audit. */
export const tokenFor = (call: Call, { name, role, project, system, seconds, hostId }: NewToken) => {
  const text = tokens.mint();
  const madeAt = Date.parse(call.at);
  const row: tokens.Token = {
    id: newId('tok', madeAt),
    name,
    role,
    project,
    system,
    ...(hostId === undefined ? {} : { hostId }),
    hash: tokens.hashOf(text),
    by: call.by.id,
    createdAt: call.at,
    expiresAt: new Date(madeAt + seconds * 1000).toISOString(),
    version: 1,
  };
  const told = audited(call, { project, subject: row.id, after: tokenView(row) });
  return { text, row, writes: [tokens.inserting(row), ...projects.whileLive(project), ...told] };
};

/** The token that this very request made before is revoked: its text was shown once and is lost. */
const revokingEarlier = async (call: Call, project: string): Promise<table.Write[]> => {
  const id = call.earlier?.subject;
  const token = id === undefined ? undefined : await tokens.find(project, id);
  return token && token.revokedAt === undefined ? [tokens.changing({ ...token, revokedAt: call.at })] : [];
};

/** Makes and writes a token; its text is in this answer and nowhere else, so a repeat of the request gets a new one for it. */
export const makeToken = async (call: Call, wanted: NewToken) => {
  const earlier = await revokingEarlier(call, wanted.project);
  const { text, row, writes } = tokenFor(call, wanted);
  await table.transact([...writes, ...earlier]);
  return { status: 201, headers: { location: `/v1/tokens/${row.id}` }, body: { ...tokenView(row), token: text } };
};
