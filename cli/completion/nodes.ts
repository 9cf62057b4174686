import type { Command, Option } from 'commander';

/** The command tree as completion needs it: what may follow at each place. */

/** What completes a value: fixed words, or the live names of a noun. */
export type Values = { readonly words: readonly string[] } | { readonly names: string } | undefined;

export interface Flag {
  readonly long: string;
  readonly short: string | undefined;
  readonly summary: string;
  readonly takesValue: boolean;
  readonly values: Values;
}

export interface Node {
  /** `vm create`; empty at the root. */
  readonly path: string;
  readonly children: readonly { readonly name: string; readonly summary: string }[];
  readonly flags: readonly Flag[];
  readonly argument: Values;
}

/** The nouns whose names the plane can tell (`__names`), by the word that stands for one. */
const LIVE = new Set([
  'vm',
  'host',
  'image',
  'operation',
  'size',
  'token',
  'project',
  'schedule',
  'calendar',
  'group',
  'window',
  'rule',
]);
/** Where the word is a new name, or a secret, not one that is there. */
const NEW = new Set(['token create --token', 'login --token']);

const valuesOf = (word: string, choices: readonly string[] | undefined): Values => {
  if (choices !== undefined) return { words: choices };
  return LIVE.has(word) ? { names: word } : undefined;
};

const flagOf = (path: string, option: Option): Flag => {
  const long = option.long ?? option.flags;
  return {
    long,
    short: option.short,
    summary: option.description,
    takesValue: option.required || option.optional,
    values: NEW.has(`${path} ${long}`) ? undefined : valuesOf(long.replace(/^--/, ''), option.argChoices),
  };
};

const HELP: Flag = { long: '--help', short: '-h', summary: 'show help', takesValue: false, values: undefined };

/** Every command of the tree, the root first; hidden ones are left out. */
export const nodesOf = (command: Command, path = ''): Node[] => {
  const children = command.createHelp().visibleCommands(command);
  const [argument] = command.registeredArguments;
  const here: Node = {
    path,
    children: children.map((child) => ({ name: child.name(), summary: child.description() })),
    flags: [...command.options.map((option) => flagOf(path, option)), HELP],
    argument: argument === undefined ? undefined : valuesOf(argument.name(), argument.argChoices),
  };
  return [here, ...children.flatMap((child) => nodesOf(child, `${path} ${child.name()}`.trim()))];
};
