import type { LonelyVerb } from '../command-tree.ts';
import { bashScript } from '../completion/bash.ts';
import { fishScript } from '../completion/fish.ts';
import { nodesOf } from '../completion/nodes.ts';
import { zshScript } from '../completion/zsh.ts';

const SCRIPTS: Readonly<Record<string, typeof bashScript>> = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** `completion <shell>` */
export const completion: LonelyVerb = async (io, [shell = 'bash'], _options, program) => {
  io.stdout.write(SCRIPTS[shell]?.(nodesOf(program)) ?? '');
  return undefined;
};
