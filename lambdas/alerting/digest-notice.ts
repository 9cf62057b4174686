import * as z from 'zod';
import { DEFAULT_PROJECT } from '../domain/ids.ts';
import { projectOption } from '../domain/project.ts';
import { RunNoted, Want } from '../domain/schedule.ts';
import type { Notice } from './notice.ts';

/** What the bus tells once a day of a schedule. */
export const ScheduleDigest = z.object({
  id: z.string(),
  scheduleId: z.string(),
  scheduleName: z.string(),
  project: z.string(),
  timeZone: z.string(),
  from: z.string(),
  to: z.string(),
  runs: z.array(RunNoted),
  saved: z.object({ seconds: z.number(), usd: z.number(), estimatedUsd: z.number(), unpricedSeconds: z.number() }),
  next: z.array(z.object({ at: z.string(), want: Want })),
});
type ScheduleDigest = z.infer<typeof ScheduleDigest>;

/** Slack shows ten facts. */
const SHOWN = 6;

/** `Tue 20 Oct 18:00`, as the clocks of the schedule show it. */
const clockOf = (timeZone: string) => {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return (at: string): string => format.format(Date.parse(at)).replaceAll(',', '');
};

const counted = (count: number): string => (count === 1 ? '1 VM' : `${count} VMs`);

const didOf = ({ want, vms, begun, skipped, owed, late, named, because }: RunNoted): string => {
  const verb = want === 'up' ? 'started' : 'stopped';
  if (skipped) return `Left out: its time was missed (${because})`;
  const rest = [
    vms > begun ? `${vms - begun} of ${vms} were there, or could not be asked for` : '',
    owed > 0 ? `${counted(owed)} still owed` : '',
    late > 0
      ? `${counted(late)} late: ${named.join(', ')}${late > named.length ? ` and ${late - named.length} more` : ''}`
      : '',
    because.startsWith('override') ? because : '',
  ].filter((words) => words !== '');
  return [`${begun === 0 ? 'Nothing' : counted(begun)} ${verb}`, ...rest].join('; ');
};

const savedText = ({ seconds, usd, estimatedUsd, unpricedSeconds }: ScheduleDigest['saved']): string => {
  const hours = (value: number) => `${(value / 3600).toFixed(1)} h`;
  const estimate = estimatedUsd > 0 ? `, of it ${estimatedUsd.toFixed(2)} estimated by the price book` : '';
  const unpriced = unpricedSeconds > 0 ? `; no price is known for ${hours(unpricedSeconds)} of it` : '';
  return `${usd.toFixed(2)} USD${estimate}: VMs were off for ${hours(seconds)}${unpriced}`;
};

/** What a person is told once a day of a schedule: what was saved, what it did and what went wrong, what comes. */
export const noticeOfDigest = (digest: ScheduleDigest): Notice => {
  const { id, scheduleId, scheduleName, project, timeZone, from, to, runs, saved, next } = digest;
  const clock = clockOf(timeZone);
  const shown = runs.slice(-SHOWN);
  const of = projectOption(project);
  const facts: [string, string][] = [
    ['Saved', savedText(saved)],
    ...(runs.length > shown.length ? [['Before', `${runs.length - shown.length} more runs`] as [string, string]] : []),
    ...shown.map((run): [string, string] => [clock(run.plannedAt), didOf(run)]),
    [
      'Next',
      next.map(({ at, want }) => `${clock(at)} ${want === 'up' ? 'up' : 'off'}`).join(', ') || 'nothing within a day',
    ],
    ['Time', `${clock(from)} to ${clock(to)}, ${timeZone}${project === DEFAULT_PROJECT ? '' : `; project ${project}`}`],
  ];
  const late = runs.reduce((sum, run) => sum + run.late, 0);
  return {
    id,
    about: `${scheduleId}:digest`,
    severity: 'info',
    title: `Schedule ${scheduleName} saved ${saved.usd.toFixed(2)} USD${late > 0 ? `, and was late for ${counted(late)}` : ''}`,
    facts,
    advice: [
      `What it saved, day by day: novacron schedule savings${of}`,
      `No more of these: novacron schedule update ${scheduleId} --digest off${of}`,
    ],
    links: [{ label: 'Schedules', url: 'https://novacron.dev/schedules' }],
  };
};
