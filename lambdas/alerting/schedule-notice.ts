import * as z from 'zod';
import { toDoAbout } from '../domain/late-causes.ts';
import { projectOption } from '../domain/project.ts';
import { Late, Want } from '../domain/schedule.ts';
import type { Notice } from './notice.ts';

/** What the bus tells of a schedule whose VMs are not where they shall be. */
export const MissedSchedule = z.object({
  id: z.string(),
  scheduleId: z.string(),
  scheduleName: z.string(),
  project: z.string(),
  plannedAt: z.string(),
  want: Want,
  because: z.string(),
  graceMinutes: z.number(),
  /** All of them; `late` names the first hundred. */
  vms: z.number(),
  late: z.array(Late),
});
export type MissedSchedule = z.infer<typeof MissedSchedule>;

/** A mail is read, a list of hundreds is not. */
const NAMED = 10;

/** Each once, in the order of the VMs. */
const toDo = (late: readonly Late[]): string[] => [...new Set(late.flatMap(toDoAbout))];

const titleOf = ({ scheduleName, want, vms, late }: MissedSchedule): string => {
  const which = vms === 1 ? late[0]?.vmName : `${vms} VMs`;
  return want === 'up'
    ? `${which} should be up by schedule ${scheduleName} and ${vms === 1 ? 'is' : 'are'} not ready`
    : `${which} should be off by schedule ${scheduleName} and ${vms === 1 ? 'runs' : 'run'}`;
};

/** What a person is told of a schedule that was missed: which VMs, why each, and what to do. */
export const noticeOfMissed = (missed: MissedSchedule): Notice => {
  const { id, scheduleId, project, plannedAt, because, graceMinutes, vms, late } = missed;
  const of = projectOption(project);
  const shown = late.slice(0, NAMED);
  const named = shown.map(({ vmName, cause }): [string, string] => [vmName, cause]);
  return {
    id,
    about: scheduleId,
    severity: 'warning',
    title: titleOf(missed),
    facts: [
      ...named,
      ...(vms > named.length ? [['And', `${vms - named.length} more`] as [string, string]] : []),
      ['Planned', `${plannedAt}: ${because}; looked at ${graceMinutes} minutes after the run`],
      ['Project', project],
    ],
    advice: [
      ...toDo(shown),
      `All of it: novacron schedule get ${scheduleId}${of}`,
      'What is owed is tried again each minute for an hour after the run; then novacron vm start, or stop.',
    ],
    links: [{ label: 'Runbook', url: 'https://novacron.dev/runbook#schedule-missed' }],
  };
};
