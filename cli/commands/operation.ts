import type { Command } from 'commander';
import { leaf, listing, type Runner, waiting } from '../command-tree.ts';

/** `novacron op …` */
export const declareOperation = (program: Command, { verb }: Runner): void => {
  const op = program.command('op').description('Operations: what was asked for, and what came of it');
  const load = () => import('../verbs/operations.ts');
  listing(leaf(op, 'list', 'List the operations, newest first'))
    .alias('ls')
    .action(verb(async () => (await load()).listOperations));
  leaf(op, 'get <operation...>', 'Show operations with their steps').action(
    verb(async () => (await load()).getOperations),
  );
  waiting(leaf(op, 'watch <operation...>', 'Follow operations to their end')).action(
    verb(async () => (await load()).watchOperations),
  );
  waiting(leaf(op, 'cancel <operation...>', 'Stop operations at the next safe point and undo what they did')).action(
    verb(async () => (await load()).cancelOperations),
  );
};
