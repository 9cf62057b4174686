import { defaultTrees } from './defaults.ts';
import { TemplateError } from './error.ts';
import { execute } from './execute.ts';
import { FUNCTION_NAMES } from './functions.ts';
import { htmlSink } from './html-sink.ts';
import type { Trees } from './nodes.ts';
import { isEmpty, type Parsed, parse } from './parse.ts';
import { textSink } from './sink.ts';
import type { Struct } from './values.ts';

/** Templates that texts may name, each file by its name. */
export type TemplateFiles = Readonly<Record<string, string>>;

/** What is defined later takes the place of what was defined before, unless it says nothing. */
const added = (trees: Trees, { own, defined }: Parsed): Trees => {
  const all = new Map(trees);
  for (const [name, tree] of defined) if (!all.has(name) || !isEmpty(tree.body)) all.set(name, tree);
  if (own.source.name !== '') all.set(own.source.name, own);
  return all;
};

/** Alertmanager's own templates, and those that these files define over them, in the order of their names. @throws TemplateError */
export const treesOf = (files: TemplateFiles): Trees =>
  Object.keys(files)
    .sort()
    .reduce((trees, name) => added(trees, parse({ name, text: files[name] ?? '' }, FUNCTION_NAMES)), defaultTrees());

/** What is wrong with a text as a template; nothing where it is one. */
export const wrongIn = (name: string, text: string): string | undefined => {
  try {
    parse({ name, text }, FUNCTION_NAMES);
    return undefined;
  } catch (error) {
    if (error instanceof TemplateError) return error.message;
    throw error;
  }
};

/** A text that is to be filled in. */
export interface Text {
  /** What its errors name it by. */
  readonly name: string;
  readonly text: string;
  /** Whether what it says is read as HTML. */
  readonly isHtml: boolean;
}

/** What a text says of some data. @throws TemplateError */
export const filledIn = ({ name, text, isHtml }: Text, trees: Trees, data: Struct): string => {
  const parsed = parse({ name, text }, FUNCTION_NAMES);
  const own = { own: { ...parsed.own, source: { name: '', text } }, defined: parsed.defined };
  return execute(parsed.own, added(trees, own), data, isHtml ? htmlSink() : textSink());
};
