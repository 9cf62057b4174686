import { parseDuration } from '../alerts/durations.ts';
import { parseMatcher } from '../alerts/matchers.ts';
import { Fault, type FieldError } from '../faults.ts';
import { eventIn } from './condition.ts';
import { EVENT_NAMES, type EventName, isEventName, isState } from './events.ts';
import type { Rule, RuleSpec } from './rule.ts';

/** What a rule of an event may say. It is asked where rules are written, and not by whoever reads them. */

/** What the plane says of all of its alerts, and a rule may say otherwise. */
const SEVERITY = 'severity';

/** The labels of an event's alerts that tell them apart. */
const LABELS: Readonly<Record<EventName, readonly string[]>> = (() => {
  const host = ['host', 'host_id', 'provider'];
  const vm = ['vm', 'vm_id', ...host, 'region'];
  const operation = ['operation', 'fault', ...vm];
  return {
    'host-unreachable': host,
    'pool-full': host,
    'vm-lost': vm,
    'vm-crashed': vm,
    'vm-paused-on-io-error': vm,
    'vm-down-against-plan': vm,
    'operation-failed': operation,
    'operation-needs-attention': operation,
    'schedule-missed': ['schedule', 'want'],
    'calendar-feed-down': ['calendar'],
    'silence-ending': ['silence'],
    'silence-hides-critical': ['silence', 'notice'],
    'audit-finding': ['kind', 'invariant', 'subject'],
  };
})();

/** The labels by which alerts of an event are matched. */
export const labelsOfEvent = (event: EventName): readonly string[] => [...LABELS[event], SEVERITY];

/** Whether it is about a VM, whose tags are matched, too. */
const hasTags = (event: EventName): boolean => LABELS[event].includes('vm');

const matchersWrong = (event: EventName, matchers: readonly string[]): FieldError[] => {
  const known = labelsOfEvent(event);
  const all = hasTags(event) ? [...known, 'tag_<key>'] : known;
  const detail = (label: string): string => `its alerts have no label ${label}; there are ${all.join(', ')}`;
  return matchers.flatMap((text, index) => {
    const { name } = parseMatcher(text);
    const isKnown = known.includes(name) || (hasTags(event) && name.startsWith('tag_'));
    return isKnown ? [] : [{ pointer: `/matchers/${index}`, detail: detail(name) }];
  });
};

const refusedIf = (isWrong: boolean, pointer: string, detail: string): FieldError[] =>
  isWrong ? [{ pointer, detail }] : [];

const IS_SO = EVENT_NAMES.filter(isState).join(', ');

/** What does not go with an event: the plane itself says when it is so, and of what. */
const wrongOfEvent = (event: EventName, { name, for: wait, keepFiringFor, labels, matchers }: RuleSpec) => [
  ...refusedIf(isEventName(name) && name !== event, '/when/event', `${name} is the rule of the event of this name`),
  ...refusedIf(
    parseDuration(wait) > 0 && !isState(event),
    '/for',
    `what has happened does not last, as these do: ${IS_SO}`,
  ),
  ...refusedIf(keepFiringFor !== undefined, '/keepFiringFor', 'the plane itself says when an event is over'),
  ...matchersWrong(event, matchers),
  ...['alertname', ...LABELS[event]]
    .filter((label) => Object.hasOwn(labels, label))
    .map((label) => ({ pointer: `/labels/${label}`, detail: 'the plane itself says this of its alerts' })),
];

/** One that is older than the event of its name stays what it is. */
const isOlder = ({ name }: RuleSpec, all: readonly Rule[]): boolean =>
  all.some((rule) => rule.name === name && eventIn(rule.when) === undefined);

/** Refuses what does not go with an event, and another condition under the name of one. @throws InvalidRequest naming the places */
export const assertEventFields = (rule: RuleSpec, all: readonly Rule[]): void => {
  const { name, when } = rule;
  const event = eventIn(when);
  const errors =
    event === undefined
      ? refusedIf(isEventName(name) && !isOlder(rule, all), '/when', `${name} is the rule of the event of this name`)
      : wrongOfEvent(event, rule);
  if (errors.length === 0) return;
  const detail = errors.map(({ pointer, detail: why }) => `${pointer}: ${why}`).join('; ');
  throw new Fault('InvalidRequest', `${detail}.`, { errors });
};
