import type { Told } from '../notify.ts';
import { dataOf } from './data.ts';
import { TemplateError } from './error.ts';
import type { Trees } from './nodes.ts';
import { filledIn, type TemplateFiles, treesOf } from './templates.ts';
import type { Struct } from './values.ts';

/** What texts came to. */
export interface Filled<T> {
  readonly texts: T;
  /** Why some could not be filled in: these are not among the texts. */
  readonly wrong: readonly string[];
}

/** The same files are read once for as long as they are the last. */
let last: { readonly files: TemplateFiles; readonly trees: Trees } | undefined;

const known = (files: TemplateFiles): Trees => {
  if (last?.files !== files) last = { files, trees: treesOf(files) };
  return last.trees;
};

/** Where texts are filled in. */
interface Filling {
  readonly trees: Trees;
  readonly data: Struct;
  readonly wrong: string[];
}

/** What it says, or nothing where it comes to nothing. */
const said = ({ trees, data, wrong }: Filling, name: string, text: string): string | undefined => {
  try {
    return filledIn({ name, text, isHtml: name === 'html' }, trees, data);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    wrong.push(error.message);
    return undefined;
  }
};

const filled = (filling: Filling, name: string, value: unknown): unknown => {
  if (typeof value === 'string') return value.includes('{{') ? said(filling, name, value) : value;
  if (Array.isArray(value))
    return value.map((each) => filled(filling, name, each)).filter((each) => each !== undefined);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, filled(filling, key, each)] as const);
  return Object.fromEntries(entries.filter(([, each]) => each !== undefined));
};

/** One text of a piece of a receiver, by its place in it, and what it says, or why it says nothing. */
export interface Previewed {
  readonly field: string;
  readonly text?: string;
  readonly wrong?: string;
}

const leaves = (value: unknown, path: readonly string[]): (readonly [readonly string[], string])[] => {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => leaves(each, [...path, key]));
};

/** Each text in a piece of a receiver by itself, filled in with a group of alerts. */
export const previewedTexts = (texts: object, told: Told, files: TemplateFiles): Previewed[] => {
  const [trees, data] = [known(files), dataOf(told)];
  return leaves(texts, []).map(([path, value]) => {
    const wrong: string[] = [];
    const text = filled({ trees, data, wrong }, path.at(-1) ?? '', value);
    const [why] = wrong;
    return { field: path.join('.'), ...(why === undefined ? { text: String(text) } : { wrong: why }) };
  });
};

/**
 * All texts in a piece of a receiver, at any depth, filled in with a group of alerts; one named `html` as HTML. One that fails is
 * left out, as if nobody had written it, and keeps no other from being said.
 */
export const filledTexts = <T>(texts: T, told: Told, files: TemplateFiles): Filled<T> => {
  const wrong: string[] = [];
  const filling = { trees: known(files), data: dataOf(told), wrong };
  // What is filled in has the shape that it had; texts in it may be absent.
  return { texts: filled(filling, '', texts) as T, wrong };
};
