import type { Command } from 'commander';
import { leaf, type Runner } from '../command-tree.ts';
import type { Kind, Row } from '../manifest/kind.ts';
import type { Session } from '../session.ts';

/** What a noun must have for its things to lie in files. */
interface Filed {
  /** Its plural, for people. */
  readonly plural: string;
  readonly kind: () => Promise<(session: Session) => Kind>;
  readonly find: (session: Session, words: readonly string[]) => Promise<readonly Row[]>;
}

const withFile = (command: Command): Command =>
  command
    .requiredOption('-f, --file <file>', 'the YAML (or JSON) that says what shall be; - reads standard input')
    .option('--prune', 'delete what the file does not name');

/** `export`, `plan` and `apply` of a noun. */
export const declareManifest = (noun: Command, { verb }: Runner, { plural, kind, find }: Filed): void => {
  const load = () => import('../verbs/manifest.ts');
  leaf(noun, `export [${noun.name()}...]`, `Print ${plural} as the YAML that apply takes; without a name, all`).action(
    verb(async () => (await load()).exportOf(await kind(), find)),
  );
  withFile(
    leaf(noun, 'plan', 'Show what apply would make, change and delete; exit code 3 where there is something'),
  ).action(verb(async () => (await load()).planWith(await kind())));
  withFile(leaf(noun, 'apply', `Bring the ${plural} to what a file says; what it does not name stays`))
    .option('-y, --yes', 'do not ask')
    .action(verb(async () => (await load()).applyWith(await kind())));
};
