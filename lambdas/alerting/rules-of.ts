import { type CompiledRules, compileRules } from '../domain/rules/compile.ts';
import * as rules from '../store/rules.ts';

/** The rules of these projects as they are now, made ready. They are few, and what is changed is obeyed by the next sample. */
export const rulesOf = async (projects: Iterable<string>): Promise<CompiledRules> =>
  compileRules((await Promise.all([...new Set(projects)].map(rules.allOf))).flat());
