import * as fc from 'fast-check';
import { CalendarSpec } from '../../lambdas/domain/calendar.ts';
import { date, name, stretch, text } from './any-schedule.ts';

/** Any calendar that the API would take. */
export const anyCalendar: fc.Arbitrary<CalendarSpec> = fc
  .record(
    {
      name,
      description: text,
      dates: fc.array(stretch, { maxLength: 4 }),
      open: fc.array(date, { maxLength: 3 }),
      feed: fc.constantFrom('https://feeds.example.org/x.ics', 'https://feeds.example.org/x.ics?a=b#c: d'),
      country: fc.constantFrom('NO', 'DE', 'DE-BY'),
    },
    { requiredKeys: ['name'] },
  )
  .map((fields) => CalendarSpec.safeParse(fields))
  .filter(({ success }) => success)
  .map(({ data }) => CalendarSpec.parse(data));
