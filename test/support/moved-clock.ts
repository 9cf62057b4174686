import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lambdaApi } from './lambda-api.ts';

/** A clock of some functions of a running plane that a test moves; what they run meanwhile goes by the same. */
export interface MovedClock {
  /** Makes it that moment now, for all of them. */
  readonly set: (at: string) => void;
  readonly restore: () => Promise<void>;
}

/** Takes over the clock of those functions of an installation whose names end so. */
export const moveClock = async (aws: string, installation: string, endings: readonly string[]): Promise<MovedClock> => {
  const lambda = lambdaApi(aws, installation);
  const folder = mkdtempSync(join(tmpdir(), 'moved-clock-'));
  const file = join(folder, 'ahead');
  const set = (at: string): void => writeFileSync(file, String(Date.parse(at) - Date.now()));
  writeFileSync(file, '0');
  const moved = (await lambda.list()).filter(({ name }) => endings.some((ending) => name.endsWith(ending)));
  for (const { name, variables } of moved)
    await lambda.setVariables(name, {
      ...variables,
      MOVED_CLOCK: file,
      NODE_OPTIONS: `--require=${join(import.meta.dirname, 'moved-clock.cjs')}`,
    });
  return {
    set,
    restore: async () => {
      for (const { name, variables } of moved) await lambda.setVariables(name, variables);
      rmSync(folder, { recursive: true });
    },
  };
};
