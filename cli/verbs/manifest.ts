import { stringify } from 'yaml';
import type { Verb } from '../command-tree.ts';
import { EXIT } from '../exit-codes.ts';
import { explanationLines } from '../explain.ts';
import { applied, type Outcome } from '../manifest/apply.ts';
import { fileText } from '../manifest/file-text.ts';
import { type Kind, type Row, specOf } from '../manifest/kind.ts';
import { type Plan, planFile } from '../manifest/plan.ts';
import { planText, type Shown, shownOf } from '../manifest/show.ts';
import { fileOf } from '../manifest/write.ts';
import { printValue } from '../output.ts';
import type { CommonOptions, Session } from '../session.ts';
import { confirm } from './confirm.ts';

/** `export`, `plan` and `apply` of any noun that can lie in a file. */

type KindOf = (session: Session) => Kind;

interface FileOptions extends CommonOptions {
  readonly file: string;
  readonly prune?: true;
}

/** `schedule export`: YAML, or the same as JSON. */
export const exportOf =
  (kindOf: KindOf, find: (session: Session, words: readonly string[]) => Promise<readonly Row[]>): Verb =>
  async (session, words) => {
    const kind = kindOf(session);
    const rows = words.length > 0 ? await find(session, words) : await kind.list();
    const file = await fileOf(
      kind,
      rows.map((row) => specOf(kind, row)),
    );
    const json = session.format === 'json';
    session.io.stdout.write(json ? `${JSON.stringify(file, null, 2)}\n` : stringify(file, { lineWidth: 0 }));
    return undefined;
  };

const planned = async ({ io }: Session, kind: Kind, { file, prune }: FileOptions): Promise<Plan> =>
  planFile(kind, {
    file: file === '-' ? 'standard input' : file,
    text: await fileText(io, file),
    prune: prune === true,
  });

const allShown = (kind: Kind, { changes }: Plan): Promise<Shown[]> =>
  Promise.all(changes.map((change) => shownOf(kind, change)));

/** `schedule plan` */
export const planWith =
  (kindOf: KindOf): Verb<FileOptions> =>
  async (session, _words, options) => {
    const kind = kindOf(session);
    const plan = await planned(session, kind, options);
    const changes = await allShown(kind, plan);
    await printValue(session, { changes, unchanged: plan.unchanged }, () => planText(changes, plan, session.paint));
    return changes.length > 0 ? EXIT.pending : EXIT.ok;
  };

const DONE = { create: 'created', change: 'changed', delete: 'deleted' } as const;

const told = ({ note, paint, format }: Session, noun: string, { change, failure }: Outcome): void => {
  if (failure) note(`${noun} ${change.name}\n${explanationLines(failure, paint).trimEnd()}`);
  else if (format === 'table') note(`${noun} ${change.name} ${DONE[change.action]}`);
};

const resultOf = (shown: Shown, { failure }: Outcome) => ({
  ...shown,
  outcome: failure ? 'failed' : 'done',
  ...(failure ? { error: [failure.title, ...failure.details].join('\n') } : {}),
});

/** `schedule apply`: shows the plan, asks, and does it; one trouble keeps nothing else from being done. */
export const applyWith =
  (kindOf: KindOf): Verb<FileOptions & { readonly yes?: true }> =>
  async (session, _words, options) => {
    const kind = kindOf(session);
    const plan = await planned(session, kind, options);
    const changes = await allShown(kind, plan);
    if (session.format === 'table') session.io.stdout.write(planText(changes, plan, session.paint));
    if (changes.length > 0 && !options.yes) await confirm(session.io, 'Do this?');
    const outcomes: Outcome[] = [];
    for await (const outcome of applied(session, kind, plan.changes)) {
      told(session, kind.noun, outcome);
      outcomes.push(outcome);
    }
    const results = outcomes.flatMap((outcome, index) => {
      const shown = changes[index];
      return shown ? [resultOf(shown, outcome)] : [];
    });
    await printValue(session, { changes: results, unchanged: plan.unchanged }, () => '');
    return Math.max(EXIT.ok, ...outcomes.map(({ failure }) => failure?.exitCode ?? EXIT.ok));
  };
