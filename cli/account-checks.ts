import { signedRequest } from './aws-identity.ts';
import type { Check } from './checks.ts';
import { CliError } from './exit-codes.ts';
import { type AskIam, type IamPrincipal, readPrincipals } from './iam-account.ts';
import { type Commander, commanders, isOfPlane } from './may-command.ts';

/** What `doctor --aws` looks at in the account: who may command its hosts. */

/** IAM is one a partition, and signs for one Region there (AWS general reference, IAM endpoints). */
const ENDPOINTS = [
  ['cn-', 'https://iam.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
  ['us-gov-', 'https://iam.us-gov.amazonaws.com', 'us-gov-west-1'],
  ['', 'https://iam.amazonaws.com', 'us-east-1'],
] as const;

const endpointOf = (env: NodeJS.ProcessEnv, where: string): { url: URL; region: string } => {
  const [, usual, region] = ENDPOINTS.find(([prefix]) => where.startsWith(prefix)) ?? ENDPOINTS[2];
  return { url: new URL(env.AWS_ENDPOINT_URL_IAM ?? env.AWS_ENDPOINT_URL ?? usual), region };
};

const PATIENCE_MS = 20_000;

const denied = (text: string): CliError =>
  new CliError(`IAM does not tell this identity who is in the account: ${/<Message>([^<]*)/.exec(text)?.[1] ?? text}`, {
    next: "Ask for iam:GetAccountAuthorizationDetails; AWS's policies SecurityAudit and IAMReadOnlyAccess have it",
  });

/** Asks IAM as the AWS identity of this environment or profile. @throws CliError where it may not, or has no credentials */
export const askIam = (env: NodeJS.ProcessEnv, where: string, profile: string | undefined): AskIam => {
  const { url, region } = endpointOf(env, where);
  return async (form) => {
    const body = new URLSearchParams(form).toString();
    const plain = { 'content-type': 'application/x-www-form-urlencoded' };
    const request = { method: 'POST', url, headers: plain, body };
    const headers = await signedRequest({ service: 'iam', region, profile }, request);
    const answer = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(PATIENCE_MS) });
    const text = await answer.text();
    if (answer.status === 403) throw denied(text);
    if (!answer.ok) throw new CliError(`IAM answers ${answer.status}: ${text.slice(0, 300)}`);
    return text;
  };
};

const NAME = 'who may command hosts';
/** A person reads some; `-o json` has them all. */
const SHOWN = 20;

const told = ({ principal, ways, conditional }: Commander): string =>
  `${principal.kind} ${principal.name} (${ways.join(', ')}${conditional ? ', under conditions' : ''})`;

/** One check over everybody in the account. */
export const commandersCheck = (principals: readonly IamPrincipal[], installation: string, shown = SHOWN): Check => {
  const own = principals.filter((each) => isOfPlane(each, installation));
  if (own.length === 0) {
    const detail = `No role of installation ${installation} is in this account: these AWS credentials are of another one.`;
    return { name: NAME, status: 'warning', detail, fix: "Name credentials of the plane's account: --aws-profile" };
  }
  const all = commanders(principals, installation);
  const others = all.filter(({ principal }) => !isOfPlane(principal, installation));
  const ours = `${all.length - others.length} roles of the plane`;
  if (others.length === 0) return { name: NAME, status: 'ok', detail: `${ours}, and nobody else by IAM` };
  const rest = others.length > shown ? ` and ${others.length - shown} more` : '';
  return {
    name: NAME,
    status: 'warning',
    detail: `${ours}, and ${others.length} others: ${others.slice(0, shown).map(told).join('; ')}${rest}. Service control policies are not seen from here.`,
    fix: 'Whoever may, owns the hosts: attach docs/scp.json, which spares the plane alone, or keep the plane in an account of its own',
  };
};

/** Who may command hosts, by IAM. @throws CliError as askIam */
export const accountChecks = async (ask: AskIam, installation: string, shown?: number): Promise<Check[]> => [
  commandersCheck(await readPrincipals(ask), installation, shown),
];
