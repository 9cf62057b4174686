/**
 * Mutation testing of the domain: `npm run mutation`. One file is left out: a dated table of prices, which a test could
 * only repeat. All else is mutated, sentences to people and schemas too, and only the domain's own tests count.
 */
export default {
  mutate: ['lambdas/domain/**/*.ts', '!lambdas/domain/ec2-types.ts'],
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutation.config.ts', related: true },
  coverageAnalysis: 'perTest',
  concurrency: 1,
  // Loops that do not end are told by their count; on a busy machine slowness is none of a test's merit.
  timeoutMS: 60_000,
  ignorePatterns: ['/.cache', '/.novacron*', '/cdk.out', '/coverage', '/bench/out'],
  tempDirName: '.cache/stryker',
  reporters: ['clear-text', 'html', 'json'],
  clearTextReporter: { logTests: false, reportTests: false, allowColor: false },
  htmlReporter: { fileName: '.cache/mutation/report.html' },
  jsonReporter: { fileName: '.cache/mutation/report.json' },
  thresholds: { high: 90, low: 80, break: 80 },
};
