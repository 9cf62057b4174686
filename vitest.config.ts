import { defineConfig } from 'vitest/config';

/** Four projects by what they need: `unit` nothing, `stacks` a CDK synth, `contract` and `local` a running plane and libvirt. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'test/{domain,store,api,runtime,providers,steps,events,schedules,alerting,cli,workflows}/**/*.test.ts',
          ],
        },
      },
      { test: { name: 'stacks', include: ['test/stacks/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 } },
      {
        test: {
          name: 'contract',
          include: ['test/contract/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'local',
          include: ['test/local/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['lambdas/domain/**', 'lambdas/providers/**'],
      reporter: ['text-summary', 'json-summary'],
      thresholds: { branches: 95 },
    },
  },
});
