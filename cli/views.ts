import type {
  Alert,
  CalendarSummary,
  Channel,
  Group,
  Host,
  Image,
  Operation,
  Project,
  Rule,
  Schedule,
  Silence,
  Size,
  Token,
  Vm,
  VmEvent,
  Window,
} from './api.ts';
import { conditionText } from './condition-text.ts';
import { openingText, openText } from './openings.ts';
import type { View } from './output.ts';
import { type Paint, styleOf } from './paint.ts';
import { periodText } from './periods.ts';
import { ago, clock, span } from './times.ts';
import { memory, placeOf, readyOf, stateOf } from './words.ts';

/** How each noun lies in a table. */

const painted =
  <T>(paint: Paint, state: (item: T) => string) =>
  (cell: string, item: T): string =>
    paint(styleOf(state(item)), cell);

export const vmView = (paint: Paint, now: number): View<Vm> => ({
  nameOf: ({ name }) => name,
  none: 'No VMs.',
  columns: [
    { title: 'NAME', value: ({ name }) => name },
    { title: 'PROVIDER', value: ({ provider }) => provider },
    { title: 'STATE', value: stateOf, paint: painted(paint, ({ state }) => state) },
    { title: 'READY', value: readyOf, paint: painted(paint, ({ ready }) => ready.status) },
    { title: 'LOCATION', value: placeOf },
    { title: 'SIZE', value: ({ size, instanceType }) => size ?? instanceType },
    { title: 'VCPU', value: ({ vcpus }) => vcpus, align: 'right' },
    { title: 'MEMORY', value: ({ memoryMiB }) => memory(memoryMiB), align: 'right' },
    { title: 'ADDRESS', value: ({ addresses }) => addresses[0] },
    {
      title: 'MANAGED',
      value: ({ managed }) => (managed ? 'yes' : 'no'),
      paint: (cell, { managed }) => (managed ? cell : paint('dim', cell)),
    },
    { title: 'AGE', value: ({ createdAt }) => ago(createdAt, now), align: 'right' },
  ],
});

export const hostView = (paint: Paint, now: number): View<Host> => ({
  nameOf: ({ name }) => name,
  none: 'No hosts. Add one: novacron host enrol <name>',
  columns: [
    { title: 'NAME', value: ({ name }) => name },
    {
      title: 'STATE',
      value: ({ state, active }) => (active || state !== 'ready' ? state : 'ready (inactive)'),
      paint: painted(paint, ({ state }) => state),
    },
    { title: 'ACCEL', value: ({ facts }) => facts?.accel },
    { title: 'CORES', value: ({ facts }) => facts?.cores, align: 'right' },
    { title: 'MEMORY', value: ({ facts }) => facts && memory(facts.memoryMiB), align: 'right' },
    { title: 'PLACED', value: ({ allocated }) => `${allocated.vcpus} vCPU, ${memory(allocated.memoryMiB)}` },
    { title: 'DISK FREE', value: ({ facts }) => facts && `${Math.floor(facts.pool.freeGiB)} GiB`, align: 'right' },
    { title: 'LIBVIRT', value: ({ facts }) => facts?.libvirtVersion },
    { title: 'UNIT', value: ({ facts }) => facts?.unitVersion },
    { title: 'BEAT', value: ({ beatAt }) => ago(beatAt, now), align: 'right' },
  ],
});

export const imageView = (now: number): View<Image> => ({
  nameOf: ({ name }) => name,
  none: 'No images. Add one: novacron image register --name <name> --source <URL or path> --sha256 <sum>',
  columns: [
    { title: 'NAME', value: ({ name }) => name },
    { title: 'FORMAT', value: ({ format }) => format },
    { title: 'OS', value: ({ osVariant }) => osVariant },
    { title: 'MIN DISK', value: ({ minDiskGiB }) => `${minDiskGiB} GiB`, align: 'right' },
    { title: 'MIN MEMORY', value: ({ minMemoryMiB }) => memory(minMemoryMiB), align: 'right' },
    { title: 'AGE', value: ({ createdAt }) => ago(createdAt, now), align: 'right' },
    { title: 'SOURCE', value: ({ source }) => source },
  ],
});

export const operationView = (paint: Paint, now: number): View<Operation> => ({
  nameOf: ({ id }) => id,
  none: 'No operations.',
  columns: [
    { title: 'ID', value: ({ id }) => id },
    { title: 'KIND', value: ({ kind }) => kind },
    { title: 'ON', value: ({ vmName, hostId }) => vmName ?? hostId },
    { title: 'STATE', value: ({ state }) => state, paint: painted(paint, ({ state }) => state) },
    {
      title: 'STEP',
      value: ({ steps, error }) => error?.name ?? steps.findLast(({ state }) => state !== 'pending')?.name,
    },
    {
      title: 'TOOK',
      value: ({ createdAt, endedAt }) => endedAt && span(createdAt, endedAt),
      align: 'right',
    },
    { title: 'AGE', value: ({ createdAt }) => ago(createdAt, now), align: 'right' },
    { title: 'BY', value: ({ by }) => by },
  ],
});

export const sizeView = (): View<Size> => ({
  nameOf: ({ name }) => name,
  none: 'No sizes.',
  columns: [
    { title: 'NAME', value: ({ name }) => name },
    { title: 'VCPU', value: ({ vcpus }) => vcpus, align: 'right' },
    { title: 'MEMORY', value: ({ memoryMiB }) => memory(memoryMiB), align: 'right' },
    { title: 'DISK', value: ({ diskGiB }) => `${diskGiB} GiB`, align: 'right' },
    { title: 'EC2 TYPES, IN ORDER', value: ({ instanceTypes }) => instanceTypes.join(', ') },
  ],
});

export const scheduleView = (): View<Schedule> => ({
  nameOf: ({ name }) => name,
  none: 'No schedules. Add one: novacron schedule create <name> --filter tag:env=dev --period "mon-fri 09:00-18:00"',
  columns: [
    { title: 'NAME', value: ({ name }) => name },
    { title: 'ENABLED', value: ({ enabled }) => (enabled ? 'yes' : 'no') },
    { title: 'ZONE', value: ({ timeZone }) => timeZone },
    { title: 'PERIODS', value: ({ periods }) => periods.map(periodText).join('; ') },
    { title: 'NEXT LOOK', value: ({ nextAt }) => nextAt && clock(nextAt) },
    { title: 'LAST', value: ({ lastRun }) => lastRun && `${lastRun.want} ${clock(lastRun.plannedAt)}` },
    { title: 'LATE', value: ({ lastRun }) => lastRun?.late?.length, align: 'right' },
    { title: 'PRIORITY', value: ({ priority }) => priority, align: 'right' },
  ],
});

export const calendarView = (): View<CalendarSummary> => ({
  nameOf: ({ name }) => name,
  none: 'No calendars. Add one: novacron calendar create <name> --country DE',
  columns: [
    { title: 'NAME', value: ({ name }) => name },
    { title: 'COUNTRY', value: ({ country }) => country },
    { title: 'OWN DATES', value: ({ dates }) => dates.length || undefined, align: 'right' },
    { title: 'FEED', value: ({ feed }) => feed },
    { title: 'LAST READ', value: ({ feedState }) => feedState && clock(feedState.readAt) },
    { title: 'DOWN SINCE', value: ({ feedState }) => feedState?.fault && clock(feedState.fault.since) },
  ],
});

export const windowView = (now: number): View<Window> => ({
  nameOf: ({ name }) => name,
  none: 'No windows. Add one: novacron window create <name> --filter tag:app=shop --period "sun 02:00-04:00"',
  columns: [
    { title: 'NAME', value: ({ name }) => name },
    { title: 'OPEN', value: (window) => openText(window, now) },
    { title: 'NEXT', value: ({ next: [first], timeZone }) => first && openingText(first, timeZone) },
    { title: 'ZONE', value: ({ timeZone }) => timeZone },
    { title: 'PERIODS', value: ({ periods }) => periods.map(periodText).join('; ') },
    { title: 'FOR', value: ({ description }) => description },
  ],
});

export const groupView = (): View<Group> => ({
  nameOf: ({ name }) => name,
  none: 'No groups. Add one: novacron group create <name> --filter tag:app=shop',
  columns: [
    { title: 'NAME', value: ({ name }) => name },
    { title: 'FILTER', value: ({ filter }) => filter },
    { title: 'NAMED VMS', value: ({ vms }) => vms.length || undefined, align: 'right' },
    { title: 'FOR', value: ({ description }) => description },
  ],
});

export const ruleView = (): View<Rule> => ({
  nameOf: ({ name }) => name,
  none: 'No rules. Add one: novacron rule create <name> --metric vm.cpu.utilization --above 0.9 --for 10m',
  columns: [
    { title: 'NAME', value: ({ name }) => name },
    { title: 'STATE', value: ({ enabled }) => (enabled ? 'on' : 'off') },
    { title: 'FIRES AT', value: ({ when }) => conditionText(when) },
    { title: 'FOR', value: (rule) => rule.for },
    { title: 'SEVERITY', value: ({ labels }) => labels.severity },
    { title: 'FROM', value: ({ builtIn, by }) => (builtIn ? 'the plane' : by) },
  ],
});

/** What keeps an alert from being told, for people: the rest is ids. */
const quietBy = ({ mutedBy = [], silencedBy, inhibitedBy }: Alert['status']): string[] => {
  if (mutedBy.length > 0) return mutedBy;
  return [...silencedBy.map((id) => `silence ${id.slice(0, 8)}`), ...inhibitedBy.map((id) => `alert ${id}`)];
};

export const alertView = (now: number): View<Alert> => ({
  nameOf: ({ fingerprint }) => fingerprint,
  none: 'No alerts.',
  columns: [
    { title: 'ALERT', value: ({ labels }) => labels.alertname },
    { title: 'SEVERITY', value: ({ labels }) => labels.severity },
    { title: 'STATE', value: ({ status, acknowledged }) => (acknowledged ? 'acknowledged' : status.state) },
    { title: 'SINCE', value: ({ startsAt }) => ago(startsAt, now), align: 'right' },
    { title: 'FINGERPRINT', value: ({ fingerprint }) => fingerprint },
    { title: 'RECEIVERS', value: ({ receivers }) => receivers.map(({ name }) => name).join(', ') },
    {
      title: 'LABELS',
      value: ({ labels }) =>
        Object.entries(labels)
          .filter(([name]) => name !== 'alertname' && name !== 'severity')
          .map(([name, value]) => `${name}=${value}`)
          .join(' '),
    },
    { title: 'QUIET BY', value: ({ status }) => quietBy(status).join(', ') || undefined },
  ],
});

const groupsText = (groups: number): string => (groups === 1 ? '1 group' : `${groups} groups`);

/** What a way that has been told enough is to hear of. */
export const heldText = ({ groups, since }: NonNullable<Channel['held']>): string =>
  `a digest of ${groupsText(groups)} is to come, the first of them waiting since ${clock(since)}`;

/** What is wrong behind the queue of a channel of the installation. */
const queueText = ({ failing, refused, lastSentAt = '' }: NonNullable<Channel['queue']>): string | undefined => {
  if (failing) return `has taken nothing since ${clock(failing.since)}: ${failing.why}`;
  return refused && refused.at > lastSentAt
    ? `refused its last word at ${clock(refused.at)}: ${refused.why}`
    : undefined;
};

const conditionOf = ({ failing, held, nowhere, lastToldAt, textsWrong, queue = {} }: Channel): string => {
  if (nowhere !== undefined) return `told nothing: ${nowhere}`;
  const queued = queueText(queue);
  if (queued !== undefined) return queued;
  if (failing === undefined && held !== undefined) return `told enough: ${heldText(held)}`;
  if (failing === undefined && textsWrong !== undefined) return `told in other words: ${textsWrong}`;
  if (failing === undefined) return (queue.lastSentAt ?? lastToldAt) === undefined ? 'nothing to tell yet' : 'well';
  return `has not taken ${groupsText(failing.groups)} since ${clock(failing.since)}: ${failing.why}`;
};

export const channelView = (now: number): View<Channel> => ({
  nameOf: ({ receiver, way }) => `${receiver}/${way}`,
  none: 'No receivers.',
  columns: [
    { title: 'RECEIVER', value: ({ receiver }) => receiver },
    { title: 'WAY', value: ({ way }) => way },
    { title: 'LAST TOLD', value: ({ lastToldAt, queue }) => ago(queue?.lastSentAt ?? lastToldAt, now), align: 'right' },
    { title: 'IS', value: conditionOf },
  ],
});

/** By what a silence comes again, or what makes it by itself. */
const recursBy = ({ window, windowName, times, derivedFrom }: Silence): string | undefined => {
  if (derivedFrom) return `made by ${derivedFrom.noun} ${derivedFrom.name}`;
  if (window !== undefined) return `window ${windowName ?? window}`;
  return times?.periods.map(periodText).join('; ');
};

const untilOf = ({ occurrence, endsAt }: Silence): string | undefined => {
  const until = occurrence?.until ?? endsAt;
  return until && clock(until);
};

export const silenceView = (): View<Silence> => ({
  nameOf: ({ id }) => id,
  none: 'No silences. Add one: novacron silence create alertname=Down --for 2h --comment "works on the rack"',
  columns: [
    { title: 'ID', value: ({ id }) => id },
    { title: 'STATE', value: ({ state }) => state },
    { title: 'MATCHERS', value: ({ matchers }) => matchers.join(', ') },
    { title: 'FROM', value: ({ occurrence, startsAt }) => clock(occurrence?.from ?? startsAt) },
    { title: 'UNTIL', value: untilOf },
    { title: 'RECURS', value: recursBy },
    { title: 'BY', value: ({ createdBy }) => createdBy },
    { title: 'COMMENT', value: ({ comment }) => comment },
  ],
});

export const projectView = (now: number): View<Project> => ({
  nameOf: ({ id }) => id,
  none: 'No projects.',
  columns: [
    { title: 'PROJECT', value: ({ id }) => id },
    {
      title: 'VMS',
      value: ({ vms, maxVms }) => (maxVms === undefined ? vms : `${vms} of ${maxVms}`)?.toString(),
      align: 'right',
    },
    {
      title: 'OPERATIONS/MIN',
      value: ({ maxOperationsPerMinute }) => maxOperationsPerMinute?.toString(),
      align: 'right',
    },
    {
      title: 'AGE',
      value: ({ id, createdAt }) => (id === 'default' ? undefined : ago(createdAt, now)),
      align: 'right',
    },
    { title: 'BY', value: ({ by }) => by },
  ],
});

export const tokenView = (now: number): View<Token> => ({
  nameOf: ({ name }) => name,
  none: 'No tokens.',
  columns: [
    { title: 'NAME', value: ({ name }) => name },
    { title: 'ROLE', value: ({ role, system }) => (system ? `${role} (installation)` : role) },
    { title: 'EXPIRES', value: ({ expiresAt, revokedAt }) => (revokedAt === undefined ? clock(expiresAt) : 'revoked') },
    { title: 'AGE', value: ({ createdAt }) => ago(createdAt, now), align: 'right' },
    { title: 'ID', value: ({ id }) => id },
  ],
});

export const eventView = (): View<VmEvent> => ({
  nameOf: ({ id }) => id,
  none: 'No events.',
  columns: [
    { title: 'TIME', value: ({ at }) => clock(at) },
    { title: 'EVENT', value: ({ type }) => type },
    { title: 'OPERATION', value: ({ operationId }) => operationId },
    { title: 'DETAIL', value: ({ message }) => message },
  ],
});
