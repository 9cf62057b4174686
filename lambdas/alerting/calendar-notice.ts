import * as z from 'zod';
import { projectOption } from '../domain/project.ts';
import type { Notice } from './notice.ts';

/** What the bus tells of a calendar whose feed cannot be read. */
export const CalendarDown = z.object({
  id: z.string(),
  calendarId: z.string(),
  calendarName: z.string(),
  project: z.string(),
  readAt: z.string(),
  since: z.string(),
  why: z.string(),
});
type CalendarDown = z.infer<typeof CalendarDown>;

/** What a person is told of it: since when, why, and that what was last read counts on. */
export const noticeOfDown = (down: CalendarDown): Notice => {
  const { id, calendarId, calendarName, project, readAt, since, why } = down;
  const of = projectOption(project);
  return {
    id,
    about: calendarId,
    severity: 'warning',
    title: `The feed of calendar ${calendarName} cannot be read`,
    facts: [
      ['Why', why],
      ['Since', since],
      ['Last read', `${readAt}; these days count on`],
      ['Project', project],
    ],
    advice: [
      `All of it: novacron calendar get ${calendarId}${of}`,
      `Once it is mended: novacron calendar refresh ${calendarId}${of}; a feed that has moved: novacron calendar update --feed.`,
    ],
    links: [{ label: 'Runbook', url: 'https://novacron.dev/runbook#calendar-feed-down' }],
  };
};
