import { createRule } from './create-rule.ts';
import { deleteRule } from './delete-rule.ts';
import { getRule } from './get-rule.ts';
import { listRules } from './list-rules.ts';
import { patchRule } from './patch-rule.ts';
import type { Route } from './route.ts';
import { testRule } from './test-rule.ts';

/** All of rules: when alerts of a project's VMs and hosts fire. */
export const RULES: readonly Route[] = [listRules, createRule, testRule, getRule, patchRule, deleteRule];
