import { XMLParser } from 'fast-xml-parser';
import * as z from 'zod';

/** Who is in an AWS account and what IAM lets them do, as GetAccountAuthorizationDetails tells it: one read-only call, paged. */

const texts = z.union([z.string().transform((text) => [text]), z.array(z.string())]);

const Statement = z.object({
  Effect: z.enum(['Allow', 'Deny']),
  Action: texts.optional(),
  NotAction: texts.optional(),
  Resource: texts.optional(),
  NotResource: texts.optional(),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
});
export type IamStatement = z.infer<typeof Statement>;

/** A user or a role with all that is said of it: by itself, by its groups, by managed policies. */
export interface IamPrincipal {
  readonly arn: string;
  readonly name: string;
  readonly kind: 'user' | 'role';
  readonly statements: readonly IamStatement[];
  /** What its permissions boundary allows; without one, everything. */
  readonly boundary?: readonly IamStatement[];
}

/** IAM writes documents percent-encoded; one statement may stand without its list. */
const Document = z.string().transform((text): IamStatement[] => {
  const { Statement: said } = z.object({ Statement: z.unknown() }).parse(JSON.parse(decodeURIComponent(text)));
  return z.array(Statement).parse([said].flat());
});

/** An empty list is an empty element. */
const listOf = <T extends z.ZodType>(item: T) =>
  z
    .union([z.literal('').transform(() => ({ member: [] })), z.object({ member: z.array(item) })])
    .default({ member: [] })
    .transform(({ member }) => member);

const Inline = listOf(z.object({ PolicyDocument: Document }).transform(({ PolicyDocument }) => PolicyDocument));
const Attached = listOf(z.object({ PolicyArn: z.string() }).transform(({ PolicyArn }) => PolicyArn));
const Boundary = z
  .object({ PermissionsBoundaryArn: z.string() })
  .transform((boundary) => boundary.PermissionsBoundaryArn)
  .optional();

const Page = z.object({
  UserDetailList: listOf(
    z.object({
      Arn: z.string(),
      UserName: z.string(),
      UserPolicyList: Inline,
      AttachedManagedPolicies: Attached,
      GroupList: listOf(z.string()),
      PermissionsBoundary: Boundary,
    }),
  ),
  GroupDetailList: listOf(
    z.object({ GroupName: z.string(), GroupPolicyList: Inline, AttachedManagedPolicies: Attached }),
  ),
  RoleDetailList: listOf(
    z.object({
      Arn: z.string(),
      RoleName: z.string(),
      RolePolicyList: Inline,
      AttachedManagedPolicies: Attached,
      PermissionsBoundary: Boundary,
    }),
  ),
  Policies: listOf(
    z.object({
      Arn: z.string(),
      PolicyVersionList: listOf(z.object({ Document, IsDefaultVersion: z.string() })),
    }),
  ),
  IsTruncated: z.string().optional(),
  Marker: z.string().optional(),
});
type Page = z.infer<typeof Page>;

const Answer = z.object({
  GetAccountAuthorizationDetailsResponse: z.object({ GetAccountAuthorizationDetailsResult: Page }),
});

const parser = new XMLParser({ isArray: (name) => name === 'member', parseTagValue: false });

/** Asks IAM one question, as a form; answers XML. */
export type AskIam = (form: Readonly<Record<string, string>>) => Promise<string>;

const pages = async (ask: AskIam): Promise<Page[]> => {
  const all: Page[] = [];
  for (let Marker: string | undefined; ; ) {
    const form = { Action: 'GetAccountAuthorizationDetails', Version: '2010-05-08', MaxItems: '1000' };
    const answer = Answer.parse(parser.parse(await ask({ ...form, ...(Marker === undefined ? {} : { Marker }) })));
    const page = answer.GetAccountAuthorizationDetailsResponse.GetAccountAuthorizationDetailsResult;
    all.push(page);
    Marker = page.Marker;
    if (page.IsTruncated !== 'true' || Marker === undefined) return all;
  }
};

/** Every user and every role of the account. @throws what `ask` throws, ZodError where IAM answers otherwise than documented */
export const readPrincipals = async (ask: AskIam): Promise<IamPrincipal[]> => {
  const all = await pages(ask);
  const managed = new Map(
    all
      .flatMap(({ Policies }) => Policies)
      .map(({ Arn, PolicyVersionList }) => [
        Arn,
        PolicyVersionList.find(({ IsDefaultVersion }) => IsDefaultVersion === 'true')?.Document ?? [],
      ]),
  );
  const groups = new Map(
    all.flatMap(({ GroupDetailList }) => GroupDetailList).map((group) => [group.GroupName, group]),
  );
  const attached = (arns: readonly string[]) => arns.flatMap((arn) => managed.get(arn) ?? []);
  const bounded = (arn: string | undefined) => (arn === undefined ? {} : { boundary: attached([arn]) });
  const users = all.flatMap(({ UserDetailList }) => UserDetailList);
  const roles = all.flatMap(({ RoleDetailList }) => RoleDetailList);
  return [
    ...users.map((user): IamPrincipal => {
      const of = user.GroupList.flatMap((name) => groups.get(name) ?? []);
      const statements = [
        ...user.UserPolicyList.flat(),
        ...attached(user.AttachedManagedPolicies),
        ...of.flatMap((group) => [...group.GroupPolicyList.flat(), ...attached(group.AttachedManagedPolicies)]),
      ];
      return { arn: user.Arn, name: user.UserName, kind: 'user', statements, ...bounded(user.PermissionsBoundary) };
    }),
    ...roles.map(
      (role): IamPrincipal => ({
        arn: role.Arn,
        name: role.RoleName,
        kind: 'role',
        statements: [...role.RolePolicyList.flat(), ...attached(role.AttachedManagedPolicies)],
        ...bounded(role.PermissionsBoundary),
      }),
    ),
  ];
};
