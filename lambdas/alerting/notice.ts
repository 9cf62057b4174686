import * as z from 'zod';
import { FAULTS } from '../domain/faults.ts';
import { projectOf, projectOption } from '../domain/project.ts';

/** What the bus tells of an operation that failed, as far as a person wants to read it. */
export const FailedOperation = z.object({
  id: z.string(),
  operationId: z.string(),
  kind: z.string(),
  state: z.string(),
  project: z.string().optional(),
  vmId: z.string().optional(),
  vmName: z.string().optional(),
  hostId: z.string().optional(),
  provider: z.string().optional(),
  by: z.string(),
  error: z.object({ name: z.string(), detail: z.string() }).optional(),
  endedAt: z.string().optional(),
});
export type FailedOperation = z.infer<typeof FailedOperation>;

/** One notice, before any channel gives it its form. It is what the topic carries as `default`, for machines. */
export const Notice = z.object({
  /** The same at every delivery. */
  id: z.string(),
  /** What it is about: notices about one thing arrive in their order. */
  about: z.string(),
  severity: z.enum(['info', 'warning', 'critical']),
  title: z.string(),
  /** What to know, in order: label and value. */
  facts: z.array(z.tuple([z.string(), z.string()])),
  /** What to do: one sentence each. */
  advice: z.array(z.string()),
  links: z.array(z.object({ label: z.string(), url: z.url() })),
  /** Where a person takes on what it is about, by a day after it. */
  ackUrl: z.url().optional(),
});
export type Notice = z.infer<typeof Notice>;

const DOCS = 'https://novacron.dev';

const isFault = (name: string): name is keyof typeof FAULTS => Object.hasOwn(FAULTS, name);

/** The command that shows it. */
const showing = ({ operationId, ...operation }: FailedOperation): string =>
  `novacron op get ${operationId}${projectOption(projectOf(operation))}`;

const adviceOf = (name: string, operation: FailedOperation): string[] => {
  const show = showing(operation);
  if (operation.state === 'needs-attention') {
    return [`It could not be undone by itself: ${show}, mend what it names, then novacron reconcile.`];
  }
  const again = isFault(name) && FAULTS[name].retry;
  return [again ? 'Trying again later may help.' : 'Trying again unchanged will fail again.', `Steps: ${show}`];
};

/** What a person is told of an operation that failed: what, why, which VM, and what to do. */
export const noticeOf = (operation: FailedOperation): Notice => {
  const { name, detail } = operation.error ?? { name: 'Internal', detail: 'No reason was recorded.' };
  const subject = operation.vmName ?? operation.vmId ?? operation.hostId ?? 'the installation';
  const facts: [string, string | undefined][] = [
    ['Why', `${isFault(name) ? FAULTS[name].title : name} (${name}): ${detail}`],
    ['VM', operation.vmId && `${operation.vmName ?? ''} ${operation.vmId}`.trim()],
    ['Host', operation.hostId],
    ['Project', operation.project],
    ['Provider', operation.provider],
    ['Operation', operation.operationId],
    ['Asked by', operation.by],
    ['Ended', operation.endedAt],
  ];
  return {
    id: operation.id,
    about: operation.vmId ?? operation.hostId ?? operation.operationId,
    severity: operation.state === 'needs-attention' ? 'critical' : 'warning',
    title: `${operation.kind} of ${subject} ${operation.state === 'needs-attention' ? 'needs attention' : 'failed'}: ${name}`,
    facts: facts.filter((fact): fact is [string, string] => fact[1] !== undefined && fact[1] !== ''),
    advice: adviceOf(name, operation),
    links: [
      { label: 'What this means', url: `${DOCS}/problems/${isFault(name) ? name : 'Internal'}` },
      { label: 'Runbook', url: `${DOCS}/runbook#${operation.kind}` },
    ],
  };
};
