import type { Command } from 'commander';
import { leaf, type Runner } from '../command-tree.ts';
import * as parse from '../parse.ts';

/** `novacron channel …` */
export const declareChannel = (program: Command, { verb }: Runner): void => {
  const channel = program.command('channel').description('The ways by which receivers of alerts are told');
  leaf(channel, 'list', 'List them, when each last took a word, and what is wrong with it')
    .alias('ls')
    .action(verb(async () => (await import('../verbs/channels.ts')).listChannels));
  leaf(channel, 'test <receiver>', 'Tell a receiver of a test alert, and of its end, and say what came of it').action(
    verb(async () => (await import('../verbs/channels.ts')).testChannel),
  );
  leaf(
    channel,
    'preview <receiver> [label=value...]',
    'Show what the texts of a receiver say of an alert, without telling it',
  )
    .option('--text <template>', "a template to try instead of the routing's; - reads it from standard input")
    .option('--annotation <name=text>', 'of the alert, such as summary="the disk is full"; repeatable', parse.each)
    .option('--live', 'of the alerts that it is to be told of now, instead of a made-up one')
    .action(verb(async () => (await import('../verbs/channels.ts')).previewChannel));
  leaf(channel, 'redeliver <receiver>', 'Tell a receiver within the minute what it was not told').action(
    verb(async () => (await import('../verbs/channels.ts')).redeliverChannel),
  );
};
