import type { Filled, Previewed } from '../../domain/alerts/go-template/filled-texts.ts';
import type { Told } from '../../domain/alerts/notify.ts';
import type { DirectSpec } from '../../domain/alerts/routing-row.ts';
import type { SlackThread } from '../../domain/alerts/slack-bot.ts';
import { tellReceiver } from './tell.ts';
import { toldOf, type Word } from './word.ts';

/** What in a way's row is filled in with the alerts that are told of; all else in it is as it is. */
const TEXTS = new Set(['texts', 'message', 'details', 'images', 'links', 'responders', 'headers', 'attributes']);

const NO_FILES: Readonly<Record<string, string>> = {};

const textsOf = (spec: object): object => Object.fromEntries(Object.entries(spec).filter(([name]) => TEXTS.has(name)));

/** What each text of a way says of alerts, or why it says nothing. `files` are the templates that it may name. */
export const previewed = async (
  spec: object,
  told: Told,
  files: Readonly<Record<string, string>> = NO_FILES,
): Promise<Previewed[]> => {
  const { previewedTexts } = await import('#fill-texts');
  return previewedTexts(textsOf(spec), told, files);
};

/**
 * A way to a receiver with its texts filled in, and why some could not be: these are absent, so that the words that go without
 * saying are told instead.
 */
const withTexts = async <S extends object>(
  spec: S,
  told: Told,
  files: Readonly<Record<string, string>> = NO_FILES,
): Promise<{ readonly spec: S; readonly wrong: readonly string[] }> => {
  const texts = textsOf(spec);
  if (!JSON.stringify(texts).includes('{{')) return { spec, wrong: [] };
  const { filledTexts } = await import('#fill-texts');
  const filled: Filled<typeof texts> = filledTexts(texts, told, files);
  return { spec: { ...spec, ...filled.texts }, wrong: filled.wrong };
};

/** What came of telling a receiver that took it. */
export interface Taken {
  /** The message that shows it, where it is changed in place. */
  readonly thread?: SlackThread | undefined;
  /** Why some of its texts could not be filled in. */
  readonly wrong: readonly string[];
}

/**
 * Tells a receiver its word with the texts that somebody wrote for it. `files` are the templates that these may name.
 * @throws NotTold where it did not take it
 */
export const tellInTexts = async (
  spec: DirectSpec,
  word: Word,
  files: Readonly<Record<string, string>> | undefined,
): Promise<Taken> => {
  const { spec: filled, wrong } = await withTexts(spec, toldOf(word), files);
  return { thread: await tellReceiver(filled, { ...word, wrong }), wrong };
};
