import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, vi } from 'vitest';
import { handler as timerComes } from '../../lambdas/schedules/run-schedules.ts';

/** A bus that takes everything, for each test anew, and a clock that stands until the timer comes. */
export const scheduleTimer = () => {
  const bus = mockClient(EventBridgeClient);
  beforeEach(() => {
    bus.reset();
    bus.on(PutEventsCommand).resolves({ Entries: [{}] });
    vi.useFakeTimers({ toFake: ['Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  return {
    bus,
    /** The timer's tick of this minute. @returns how many schedules it ran */
    tick: async (at: string): Promise<number> => {
      vi.setSystemTime(`${at}:00.000Z`);
      return (await timerComes()).ran;
    },
  };
};
