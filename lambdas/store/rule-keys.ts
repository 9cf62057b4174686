import { partitionOf } from './project-keys.ts';
import type * as table from './table.ts';

/** Where a rule lies: with its project, under an id that its name gives it. */
export const ruleKeyOf = (project: string, id: string): table.Key => ({ pk: partitionOf(project, 'rule'), sk: id });
