import { describe, expect, it } from 'vitest';
import { actingIn, highest, type Identity, mayAct, noMember, type Role } from '../../lambdas/domain/principal.ts';

const ROLES: readonly Role[] = ['viewer', 'operator', 'admin', 'host'];

it.each<[Role, string]>([
  ['viewer', 'viewer'],
  ['operator', 'viewer operator'],
  ['admin', 'viewer operator admin'],
  ['host', 'host'],
])('%s may what needs %s', (role, needed) => {
  expect(ROLES.filter((each) => mayAct(role, each)).join(' ')).toBe(needed);
});

it('has one role a project, the highest', () => {
  const of = (...roles: Role[]) => highest(roles.map((role) => ({ project: 'shop', role })));
  for (const roles of [
    ['viewer', 'admin', 'operator'],
    ['admin', 'viewer'],
    ['admin', 'admin'],
  ] as const) {
    expect(of(...roles)).toEqual([{ project: 'shop', role: 'admin' }]);
  }
  expect(highest([])).toEqual([]);
  expect(
    highest([
      { project: 'b', role: 'viewer' },
      { project: 'a', role: 'admin' },
    ]),
  ).toEqual([
    { project: 'b', role: 'viewer' },
    { project: 'a', role: 'admin' },
  ]);
});

const identity = (projects: Record<string, Role>, system = false): Identity => ({
  id: 'oidc:i#ada',
  name: 'Ada',
  system,
  memberships: Object.entries(projects).map(([project, role]) => ({ project, role })),
});

describe('who asks acts', () => {
  it.each<[string, Record<string, Role>, boolean, string | undefined, string, Role]>([
    ['in the only project there is a role in', { shop: 'operator' }, false, undefined, 'shop', 'operator'],
    [
      'in default where nothing is said',
      { shop: 'operator', default: 'viewer' },
      false,
      undefined,
      'default',
      'viewer',
    ],
    ['where it says', { shop: 'operator', default: 'viewer' }, false, 'shop', 'shop', 'operator'],
    ['as admin everywhere, of the installation', { default: 'viewer' }, true, 'shop', 'shop', 'admin'],
  ])('%s', (_, projects, system, wanted, project, role) => {
    const asks = identity(projects, system);
    expect(actingIn(asks, wanted)).toEqual({ ...asks, project, role });
  });

  it.each<[string, Record<string, Role>, string]>([
    ['another project', { default: 'admin' }, 'shop'],
    ['default', { shop: 'admin' }, 'default'],
  ])('never in %s without a role there', (_, projects, wanted) => {
    expect(() => actingIn(identity(projects), wanted)).toThrow(noMember(wanted));
    expect(noMember(wanted)).toMatchObject({
      name: 'Forbidden',
      message: expect.stringContaining(`project ${wanted},`),
    });
  });

  it.each<[string, Record<string, Role>, string | undefined, string]>([
    ['several to choose from', { a: 'viewer', b: 'admin' }, undefined, 'one of a, b'],
    ['no name of a project', { default: 'viewer' }, 'Not a name', 'a project id: 1 to 63 characters'],
    ['none at all', { default: 'viewer' }, '', 'a project id'],
  ])('nowhere where the header names %s, and is told so', (_, projects, wanted, detail) => {
    expect(() => actingIn(identity(projects), wanted)).toThrow(
      expect.objectContaining({
        name: 'InvalidRequest',
        message: expect.stringMatching(/NovaCron-Project.*\.$/),
        errors: [{ pointer: 'header/novacron-project', detail: expect.stringContaining(detail) }],
      }),
    );
  });
});
