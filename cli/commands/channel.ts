import type { Command } from 'commander';
import { leaf, type Runner } from '../command-tree.ts';

/** `novacron channel …` */
export const declareChannel = (program: Command, { verb }: Runner): void => {
  const channel = program.command('channel').description('The ways by which receivers of alerts are told');
  leaf(channel, 'list', 'List them, when each last took a word, and what is wrong with it')
    .alias('ls')
    .action(verb(async () => (await import('../verbs/channels.ts')).listChannels));
  leaf(channel, 'test <receiver>', 'Tell a receiver of a test alert, and of its end, and say what came of it').action(
    verb(async () => (await import('../verbs/channels.ts')).testChannel),
  );
};
