/** Texts of iCal, line by line. */
const event = (...lines: string[]): string => ['BEGIN:VEVENT', ...lines, 'END:VEVENT'].join('\r\n');

/** A calendar of these events, each given by its lines. */
export const ical = (events: readonly (readonly string[])[], ...head: string[]): string =>
  [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//test//EN',
    ...head,
    ...events.map((lines) => event(...lines)),
    'END:VCALENDAR',
    '',
  ].join('\r\n');
