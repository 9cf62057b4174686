import { byMatcher, parseMatcher } from '../domain/alerts/matchers.ts';
import { FOREVER } from '../domain/alerts/occurrence.ts';
import { silenceRefusal, stateOf } from '../domain/alerts/silence.ts';
import type { SilenceRow } from '../domain/alerts/silence-row.ts';
import type { Occurring, SilenceSpec } from '../domain/alerts/silence-view.ts';
import * as table from '../store/table.ts';
import * as windows from '../store/windows.ts';
import { refused } from './check-targets.ts';

/** What no schema can say of a silence; each refusal names its place. */

type Said = Pick<SilenceRow, 'matchers' | 'comment' | 'startsAt' | 'endsAt' | 'window' | 'times' | 'remindBefore'>;

/** What a person said of a silence as its row has it, with the same end where it recurs for good. @throws InvalidRequest */
export const silenceSaid = (spec: SilenceSpec, startsAt: string, now: number): Said => {
  const { comment, endsAt = FOREVER, window, times, remindBefore } = spec;
  const matchers = spec.matchers.map(parseMatcher).sort(byMatcher);
  if (endsAt <= startsAt) throw refused('/endsAt', 'ends before it begins');
  if (Date.parse(endsAt) <= now) throw refused('/endsAt', 'has passed');
  const refusal = silenceRefusal({ matchers, startsAt, endsAt });
  if (refusal !== undefined) throw refused('/matchers', refusal);
  return { matchers, comment, startsAt, endsAt, window, times, remindBefore };
};

/** That its zone is one. @throws InvalidRequest */
export const assertZone = async ({ times }: SilenceSpec): Promise<void> => {
  if (times === undefined) return;
  const { isTimeZone } = await import('#zoned-times');
  if (isTimeZone(times.timeZone)) return;
  throw refused('/times/timeZone', `${times.timeZone} is no time zone of IANA's, such as Europe/Berlin or UTC`);
};

/** The write by which its window does not end at the same moment. @throws InvalidRequest where there is none */
export const referringTo = async ({ window, project }: SilenceRow): Promise<table.Write[]> => {
  if (window === undefined) return [];
  const [found] = await windows.these(project, [window]);
  if (found === undefined) throw refused('/window', `there is no window ${window} in ${project}`);
  return [table.raising(windows.keyOf(project, window), found.version)];
};

/** That anything of it is to come. @throws InvalidRequest */
export const assertComes = ({ silence, occurrence }: Occurring, now: number): void => {
  if (stateOf(occurrence, now) !== 'expired') return;
  throw refused(silence.window === undefined ? '/times' : '/window', 'nothing of it is to come');
};
