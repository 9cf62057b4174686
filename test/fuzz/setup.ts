import { vi } from 'vitest';
import { endOpen } from '../support/ending.ts';

/** What lies behind the API and is not in this process: machines, EC2, and the bucket of user-data. */
vi.mock('../../lambdas/runtime/providers.ts', () => ({ providerOf: () => ({ consoleLog: async () => 'boot' }) }));
vi.mock('../../lambdas/schedules/reconcile.ts', () => ({ reconcile: async () => ({ checked: 0 }) }));
vi.mock('../../lambdas/runtime/user-data.ts', () => ({ keepUserData: async (id: string) => `user-data/${id}` }));
/** No feed is fetched: each that is named is a calendar without a day. */
vi.mock('../../lambdas/runtime/fetch-feed.ts', () => ({
  fetchFeed: async () => ({ text: 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\nEND:VCALENDAR\r\n' }),
}));
/** While somebody waits for an operation, all that is under way ends: the wait is over at once. */
vi.mock('node:timers/promises', () => ({ setTimeout: () => endOpen(() => true) }));
