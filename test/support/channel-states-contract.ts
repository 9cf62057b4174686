import { expect, it } from 'vitest';
import type { ChannelName, Course } from '../../lambdas/domain/alerts/channel-state.ts';
import type * as states from '../../lambdas/store/channel-states.ts';

const at = (second: number) => `2026-11-25T10:00:${String(second).padStart(2, '0')}.000Z`;

/** What the states of channels need of DynamoDB, held to its double and to the emulator alike. Each channel's row is as the test before left it. */
export const channelStatesContract = (open: () => Promise<typeof states>): void => {
  const after = async (channel: ChannelName, ...courses: readonly [second: number, course: Course][]) => {
    const { channelStates, noteCourse } = await open();
    for (const [second, course] of courses) await noteCourse(channel, course, at(second));
    return (await channelStates()).get(channel);
  };

  it('know nothing of a channel that was never given anything, nor where nothing became of it', async () => {
    expect(await after('slack', [1, {}])).toEqual({});
  });

  it('say since when a channel takes nothing, and why not the last, until it takes something', async () => {
    expect(await after('topic', [1, { isSent: true }])).toEqual({ lastSentAt: at(1) });
    expect(await after('topic', [2, { failing: 'away' }], [3, { failing: 'busy' }])).toEqual({
      lastSentAt: at(1),
      failing: { since: at(2), why: 'busy' },
    });
    expect(await after('topic', [4, { isSent: true, failing: 'away again' }])).toEqual({
      lastSentAt: at(4),
      failing: { since: at(4), why: 'away again' },
    });
    expect(await after('topic', [5, { isSent: true }])).toEqual({ lastSentAt: at(5) });
  });

  it('keep the last word that a channel will never take', async () => {
    const refused = { at: at(6), why: 'too long' };
    expect(await after('topic', [6, { refused: 'too long' }])).toEqual({ lastSentAt: at(5), refused });
    expect(await after('topic', [7, { isSent: true }])).toEqual({ lastSentAt: at(7), refused });
  });
};
