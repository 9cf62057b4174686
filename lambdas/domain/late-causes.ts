import type { FaultName } from './faults.ts';
import type { Late } from './schedule.ts';

/** What a person does about a VM that is not where its schedule wants it, by the fault that was met, or why it is not ready. */
const TO_DO: Readonly<Partial<Record<FaultName | 'NotReadyInTime', string>>> = {
  CapacityUnavailable:
    'EC2 has none of its type there now: start it again later, or give its VM more types to choose from.',
  QuotaExceeded: "A quota of the AWS account is used up: ask for more in Service Quotas, or stop what isn't needed.",
  TooManyRequests:
    'Its project may begin no more operations a minute: the rest follows each minute; novacron project quota raises it.',
  Throttled: 'EC2 asks to slow down: the rest follows by itself.',
  ProviderDenied: 'AWS denied the call: novacron doctor --aws finds which right is missing.',
  ProviderUnreachable: 'AWS did not answer: it is asked again by itself.',
  HostUnreachable: 'Its host is silent: novacron host get shows since when; what is owed follows once it speaks again.',
  HostFault: 'The host could not do it: the steps of the operation have its words.',
  DiskFull: "The host's pool is full: free room there, then start it.",
  SpecRefused: 'EC2 refuses what the VM is made of: what it names must be there again before it starts.',
  VmLocked: 'Another operation holds it: novacron op get shows how far that is.',
  VmLost: 'It is gone at its provider: delete its row, or take it out of the schedule.',
  GraceOver: 'Its guest did not stop in time: novacron vm stop --force pulls the plug.',
  TimedOut: 'It took too long: the steps of its operation tell where it waited.',
  Cancelled: 'A person cancelled its operation.',
  NotReadyInTime: 'It runs and is not ready: novacron vm console-log shows how far it booted.',
};

const KMS = 'The KMS key of its disk cannot be used: enable it, or let the account use it again, then start the VM.';

/** How the cause of a VM ends that is not where a schedule wants it because a person wants it so. */
export const KEPT = 'as somebody wants it';
const KEPT_TO_DO = 'A person keeps it so: novacron vm start, or stop, brings it to where the schedule wants it.';

const isKnown = (name: string): name is keyof typeof TO_DO => Object.hasOwn(TO_DO, name);

/** One sentence that says what to do; nothing where the cause names nothing that is known. */
export const whatToDo = (cause: string): string | undefined => {
  const [name = ''] = cause.split(':');
  if (/\bkms/i.test(cause) && ['SpecRefused', 'ProviderDenied', 'Internal'].includes(name)) return KMS;
  if (isKnown(name)) return TO_DO[name];
  return cause.endsWith(KEPT) ? KEPT_TO_DO : undefined;
};

/** What to do about a VM that is late: about the one that it needs, where that has not come, and what follows then. */
export const toDoAbout = ({ cause, needs }: Pick<Late, 'cause' | 'needs'>): string[] => {
  const own = whatToDo(cause);
  const theirs = needs && whatToDo(needs.cause);
  return [
    ...(own === undefined ? [] : [own]),
    ...(needs && theirs !== undefined ? [theirs] : []),
    ...(needs ? [`What waits for ${needs.vmName} follows by itself once that has come, for an hour.`] : []),
  ];
};
