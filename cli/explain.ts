import type { FaultName } from '../lambdas/domain/faults.ts';
import { ApiError, Unreachable } from './api-client.ts';
import { CliError, EXIT } from './exit-codes.ts';
import type { Plane } from './profile.ts';

/** A failure as a person reads it: what, why, what to do now, and what to quote when asking for help. */
export interface Explanation {
  readonly title: string;
  readonly details: readonly string[];
  readonly next?: string;
  readonly docs?: string;
  readonly requestId?: string;
  readonly exitCode: number;
}

/** The next thing to type, where one is likely; the fault's page in docs/problems tells the rest. */
const NEXT: Partial<Record<FaultName, string>> = {
  Unauthenticated: 'Log in again: novacron login',
  Forbidden: 'See project and role with novacron me; an admin can give you a token: novacron token create',
  VmNotFound: 'See what there is: novacron vm list --all',
  HostNotFound: 'See what there is: novacron host list',
  ImageNotFound: 'See what there is: novacron image list',
  ProjectNotFound: 'See what there is: novacron project list',
  ProjectFull: 'Delete a VM, or ask an admin of the installation: novacron project quota <project> --max-vms <number>',
  ProjectInUse:
    'See what is left, with --project: novacron vm list, the same with --filter state=deleted, and novacron token list',
  SizeNotFound: 'See what there is: novacron size list',
  OperationNotFound: 'See what there is: novacron op list',
  VmLocked: 'Watch the operation that holds it (novacron op watch <id>), or cancel it (novacron op cancel <id>)',
  NameTaken: 'Choose another --name, or look at the present one: novacron vm get <name>',
  VmProtected: 'Lift the protection first: novacron vm update <name> --no-deletion-protection',
  NoHostFits: 'Choose a smaller --size, free a host, or add one: novacron host enrol <name>',
  ImageInUse: 'Delete those VMs first',
  HostInUse: 'Delete the VMs on it first: novacron vm list --filter host=<name>',
  PreconditionFailed: 'Read it again and repeat the command',
  WriteConflict: 'Repeat the command',
  PlacementRaced: 'Repeat the command',
  HostUnreachable: 'See why: novacron doctor',
  HostIsAnother: 'Run the line on the right machine; or retire the host, and enrol this one by another name',
  ProviderDenied: "Check the plane's permissions: novacron doctor",
  LocationRefused: 'Enable the Region in cdk.json, or choose one that is',
};

/** What API Gateway answers by itself, outside our contract (docs/cli.md): status → cause, next step. */
const GATEWAY: Readonly<Record<number, readonly [title: string, next: string]>> = {
  401: ['The gateway asks for credentials', 'Log in again: novacron login'],
  403: [
    'The gateway refuses the call',
    'Check the URL, and that your AWS identity may invoke the API: novacron doctor',
  ],
  404: ['There is no NovaCron API at this address', 'Check the URL: novacron doctor'],
  413: ['The request is larger than the gateway takes (10 MB)', 'Make --user-data smaller'],
  429: ['The gateway takes no more requests just now', 'Wait a minute and repeat the command'],
  500: ["The gateway could not call the plane's function", "Look at the function's log, or repeat the command"],
  503: [
    'The plane took longer than the gateway waits, or is throttled',
    'Repeat the command; novacron op list shows what began',
  ],
};

const ofApi = (error: ApiError): Explanation => {
  const { problem, status, requestId } = error;
  const exitCode = status === 401 || status === 403 ? EXIT.notAllowed : EXIT.failed;
  const id = requestId === undefined ? {} : { requestId };
  if (problem === undefined) {
    const [title, next] = GATEWAY[status] ?? [
      `The answer was HTTP ${status}, and not one of NovaCron's`,
      'Check the URL: novacron doctor',
    ];
    return { title, details: [`HTTP ${status}, from the gateway in front of the plane`], next, exitCode, ...id };
  }
  const fields = (problem.errors ?? []).map(({ pointer, detail }) => `${pointer}: ${detail}`);
  const detail = problem.detail === undefined || problem.detail === problem.title ? [] : problem.detail.split('\n');
  const next = NEXT[problem.code];
  return {
    title: `${problem.title} (${problem.code})`,
    details: [...detail, ...fields],
    docs: `docs/problems/${problem.code}.md`,
    exitCode,
    ...(next === undefined ? {} : { next }),
    ...id,
  };
};

const ofUnreachable = (error: Unreachable, plane: Plane | undefined): Explanation => {
  const at = plane === undefined ? 'the plane' : plane.url;
  const here =
    plane?.local === true || (plane !== undefined && /\/\/(localhost|127\.0\.0\.1|\[::1\])[:/]/.test(plane.url));
  const causes: Readonly<Record<string, string>> = {
    ECONNREFUSED: `Nothing listens at ${at}`,
    ENOTFOUND: `The host name in ${at} is not known`,
    EAI_AGAIN: `The name server does not answer, asked for ${at}`,
    ETIMEDOUT: `${at} did not answer in time`,
  };
  return {
    title: causes[error.code] ?? `The connection to ${at} failed (${error.code})`,
    details: plane === undefined ? [] : [`the address is from ${plane.source}`],
    next: here ? 'Start the local plane: npm start' : 'Check the URL and your network: novacron doctor',
    exitCode: EXIT.failed,
  };
};

/** Puts any failure in words. What is none of ours keeps its message and exits 1. */
export const explain = (error: unknown, plane: Plane | undefined): Explanation => {
  if (error instanceof ApiError) return ofApi(error);
  if (error instanceof Unreachable) return ofUnreachable(error, plane);
  if (error instanceof CliError) {
    const next = error.next === undefined ? {} : { next: error.next };
    return { title: error.message, details: [], exitCode: error.exitCode, ...next };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { title: message, details: [], exitCode: EXIT.failed };
};

/** The lines for standard error. */
export const explanationLines = (
  explanation: Explanation,
  paint: (style: 'red' | 'cyan' | 'dim', text: string) => string,
): string => {
  const { title, details, next, docs, requestId } = explanation;
  const lines = [`${paint('red', 'error:')} ${title}`, ...details.map((detail) => `  ${detail}`)];
  if (next !== undefined) lines.push(`  ${paint('cyan', 'next:')} ${next}`);
  const quote = [docs === undefined ? '' : `docs: ${docs}`, requestId === undefined ? '' : `request id: ${requestId}`];
  const shown = quote.filter((text) => text !== '').join(' · ');
  if (shown !== '') lines.push(paint('dim', `  ${shown}`));
  return lines.map((text) => `${text}\n`).join('');
};
