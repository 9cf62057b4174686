import type { IamPrincipal, IamStatement } from './iam-account.ts';

/** The calls by which somebody acts as root on a managed node: those that the shipped SCP denies (docs/scp.json). */
export const WAYS = ['SendCommand', 'StartSession', 'CreateAssociation', 'StartAutomationExecution'] as const;
export type Way = (typeof WAYS)[number];

/** Somebody who may command hosts, by which calls, and whether a condition must hold for some of them. */
export interface Commander {
  readonly principal: IamPrincipal;
  readonly ways: readonly Way[];
  readonly conditional: boolean;
}

/** As IAM compares: `*` is anything, `?` one character; actions without case. */
const fits = (pattern: string, text: string): boolean =>
  new RegExp(
    `^${pattern
      .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    'i',
  ).test(text);

/** What nodes are called: hosts of an activation, and instances. A pattern of a single node is about a node too. */
const NODES = [
  ['ssm', 'managed-instance/'],
  ['ec2', 'instance/'],
] as const;

const isAboutNodes = (resource: string): boolean => {
  if (resource === '*') return true;
  const [, , service = '', , , ...rest] = resource.split(':');
  const fixed = (rest.join(':').split(/[*?]/)[0] ?? '').toLowerCase();
  return NODES.some(([of, kind]) => fits(service, of) && (fixed.startsWith(kind) || kind.startsWith(fixed)));
};

const isAboutCall = ({ Action, NotAction }: IamStatement, way: Way): boolean => {
  const matches = (patterns: readonly string[]) => patterns.some((pattern) => fits(pattern, `ssm:${way}`));
  return Action ? matches(Action) : NotAction !== undefined && !matches(NotAction);
};

/** What is left out of NotResource may still be a node, unless all is. */
const isAboutSomeNode = ({ Resource, NotResource }: IamStatement): boolean =>
  Resource ? Resource.some(isAboutNodes) : !(NotResource ?? []).includes('*');

const WHOLE = ['*', 'arn:aws:ssm:*:*:managed-instance/*'];

/** Denied for good: whatever the condition, on every node. */
const isDenial = (statement: IamStatement): boolean =>
  statement.Effect === 'Deny' &&
  statement.Condition === undefined &&
  (statement.Resource ?? []).some((resource) => WHOLE.includes(resource));

/** Bound by its tag to nodes of another installation. */
const isElsewhere = ({ Condition }: IamStatement, installation: string): boolean => {
  const tag = Condition?.StringEquals?.['ssm:resourceTag/novacron:installation'];
  return tag !== undefined && ![tag].flat().includes(installation);
};

const allowing = (statements: readonly IamStatement[], way: Way, installation: string): IamStatement[] =>
  statements.filter(
    (each) =>
      each.Effect === 'Allow' && isAboutCall(each, way) && isAboutSomeNode(each) && !isElsewhere(each, installation),
  );

const mayBy = ({ statements, boundary }: IamPrincipal, way: Way, installation: string): IamStatement[] => {
  const layers = boundary ? [statements, boundary] : [statements];
  const denied = layers.flat().some((each) => isDenial(each) && isAboutCall(each, way));
  const bounded = boundary && allowing(boundary, way, installation).length === 0;
  return denied || bounded ? [] : allowing(statements, way, installation);
};

/**
 * Who may command nodes of this installation, by what IAM says of each. Where a condition decides, or a Deny does under
 * one, somebody counts as who may: it names too many rather than too few.
 */
export const commanders = (principals: readonly IamPrincipal[], installation: string): Commander[] =>
  principals.flatMap((principal) => {
    const found = WAYS.map((way) => [way, mayBy(principal, way, installation)] as const).filter(
      ([, by]) => by.length > 0,
    );
    if (found.length === 0) return [];
    const conditional = found.every(([, by]) => by.every(({ Condition }) => Condition !== undefined));
    return [{ principal, ways: found.map(([way]) => way), conditional }];
  });

/** Whether a role is one of the plane's own, by the names that CloudFormation gives them (docs/scp.json spares the same). */
export const isOfPlane = ({ kind, name }: IamPrincipal, installation: string): boolean =>
  kind === 'role' && name.startsWith(`NovaCron-${installation}-`);
