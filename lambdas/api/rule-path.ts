import * as z from 'zod';
import { RuleId } from '../domain/ids.ts';

/** Path of a rule. */
export const RulePath = z.strictObject({ id: RuleId });
