import { describe, expect, it } from 'vitest';
import { readFeed } from '../../lambdas/runtime/read-feed.ts';
import { ical } from '../support/ical.ts';

const WINDOW = ['2026-01-01', '2028-12-31'] as const;

describe('a feed, in a thread of its own', () => {
  it('is read', async () => {
    const text = ical([['UID:1', 'DTSTART;VALUE=DATE:20261003', 'SUMMARY:Tag der Deutschen Einheit']]);
    expect(await readFeed(text, WINDOW)).toEqual({
      days: ['2026-10-03 Tag der Deutschen Einheit'],
      events: 1,
      ignored: 0,
    });
  });

  it('is refused as the parser says', async () => {
    const error = {
      name: 'FeedUnusable',
      message: expect.stringMatching(/cannot be read: it is no iCal/),
      errors: [{ pointer: '/feed' }],
    };
    await expect(readFeed('<html>', WINDOW)).rejects.toMatchObject(error);
  });

  it('that keeps a processor busy for minutes is given up, and the thread is gone', async () => {
    const rules = Array.from({ length: 10_000 }, (_, index) => [
      `UID:${index}`,
      'DTSTART;VALUE=DATE:19000101',
      'RRULE:FREQ=DAILY',
    ]);
    await expect(readFeed(ical(rules), WINDOW, 300)).rejects.toMatchObject({
      name: 'FeedUnusable',
      message: expect.stringMatching(/takes longer than 0.3 s/),
    });
  });
});
