import { Fault } from '../../domain/faults.ts';
import { HostFacts } from '../../domain/host.ts';
import type { Result } from './outcome.ts';

/** What enrolment found. @throws EnrolmentRefused naming each required check that fails and its fix, CommandGarbled */
export const factsOfResult = (result: Result): HostFacts => {
  const facts = HostFacts.safeParse(result);
  if (!facts.success) throw new Fault('CommandGarbled', `The host's facts cannot be read: ${facts.error.message}`);
  const failed = facts.data.checks.filter(({ ok, required }) => required && !ok);
  if (failed.length === 0) return facts.data;
  const said = failed.map(({ name, detail, fix }) => `${name}: ${detail}${fix ? ` → ${fix}` : ''}`);
  throw new Fault('EnrolmentRefused', said.join('; '));
};
