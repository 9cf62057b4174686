import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Tests of schemas and tables, which half of all mutants lie in: the first test that fails ends a mutant's run. */
const FIRST = /\/(rows|words|row-limits|states|create-vm|create-vm-options)\.test\.ts$/;

class SchemasFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => (FIRST.test(moduleId) ? 0 : 1);
    return files.toSorted((a, b) => rank(a) - rank(b) || a.moduleId.localeCompare(b.moduleId));
  }
}

/** What must find a change of the domain by itself: its own tests, and none of those that merely pass through it. */
export default defineConfig({
  test: { include: ['test/domain/**/*.test.ts'], testTimeout: 60_000, sequence: { sequencer: SchemasFirst } },
});
