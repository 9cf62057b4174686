import { appendFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/** How many files and tests of a run ended how. */
export interface Counts {
  readonly files: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const countsOf = (modules: readonly TestModule[]): Counts => {
  const states = modules.flatMap(({ children }) => [...children.allTests()].map((test) => test.result().state));
  const of = (state: string): number => states.filter((each) => each === state).length;
  return { files: modules.length, passed: of('passed'), failed: of('failed'), skipped: of('skipped') };
};

/** Notes in the file that TEST_COUNTS names what came of a run, for the sum of several: `npm test` is more than one. */
export default class Counting implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const file = process.env.TEST_COUNTS;
    if (file) appendFileSync(file, `${JSON.stringify(countsOf(modules))}\n`);
  }
}
