/** What the plane itself raises alerts of, by the names of their rules: what has happened, or is so, when it does. */
export const EVENTS = {
  'host-unreachable': 'A host is silent, or its libvirt does not answer it.',
  'pool-full': 'The storage pool of a host is nearly full.',
  'vm-lost': 'A VM is gone at its provider.',
  'vm-crashed': 'The guest of a VM has crashed.',
  'vm-paused-on-io-error': 'A VM is paused: its host could not read or write its disk.',
  'vm-down-against-plan': 'A VM is down, its schedule wants it up, and nobody asked for that.',
  'operation-failed': 'An operation has failed.',
  'operation-needs-attention': 'An operation has failed and could not be undone.',
  'schedule-missed': 'VMs are not where their schedule wants them.',
  'calendar-feed-down': 'The feed of a calendar cannot be read for a day.',
  'silence-ending': 'A silence is about to end.',
  'silence-hides-critical': 'A silence hides an alert that is critical.',
  'audit-finding': 'An audit has found something for the first time.',
} as const;

export type EventName = keyof typeof EVENTS;

export const isEventName = (name: string): name is EventName => Object.hasOwn(EVENTS, name);

export const EVENT_NAMES: readonly EventName[] = Object.keys(EVENTS).filter(isEventName);

const STATES: ReadonlySet<string> = new Set<EventName>([
  'host-unreachable',
  'pool-full',
  'vm-lost',
  'vm-crashed',
  'vm-paused-on-io-error',
  'vm-down-against-plan',
]);

/** Whether it is so for a while, and has not happened at a moment. */
export const isState = (event: EventName): boolean => STATES.has(event);

/** Whether it is the installation's own matter: what an audit finds is, whichever project it is about. */
export const isOfInstallation = (event: EventName): boolean => event === 'audit-finding';
