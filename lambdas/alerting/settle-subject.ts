import { isResolvedAt } from '../domain/alerts/alert.ts';
import type { AlertRow } from '../domain/alerts/alert-row.ts';
import type { Condition } from '../domain/alerts/condition.ts';
import { HOST_UNREACHABLE } from '../domain/alerts/host-conditions.ts';
import { fingerprintOf } from '../domain/alerts/labels.ts';
import { matchesAll } from '../domain/alerts/matchers.ts';
import { afterConditions } from '../domain/alerts/own-alerts.ts';
import { eventNameOf, soBy } from '../domain/rules/event-rule.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as alerts from '../store/alerts.ts';
import * as eventRules from '../store/event-rules.ts';
import * as table from '../store/table.ts';
import { type Judged, judge } from './judge-subject.ts';
import { dispatch, writeEach } from './receive-alerts.ts';
import { type Routing, routingOf } from './routing.ts';

/** The alerts about a subject in one project. */
interface Share {
  readonly routing: Routing;
  readonly known: readonly AlertRow[];
  readonly after: readonly AlertRow[];
}

const mayInhibit = ({ config }: Routing, { labels }: Condition): boolean =>
  labels.alertname === HOST_UNREACHABLE || config.inhibitRules.some((rule) => matchesAll(rule.source_matchers, labels));

/** What is so, as the rules of the project have people told of it. */
const byRules = async (project: string, conditions: readonly Condition[]): Promise<Condition[]> => {
  const nameOf = ({ labels }: Condition): string => eventNameOf(labels.alertname);
  const rulesOf = await eventRules.ofEvents(project, conditions.map(nameOf));
  return conditions.flatMap((each) => soBy(rulesOf(nameOf(each)), each));
};

const shareOf = async (
  project: string,
  subject: string,
  judged: readonly Condition[],
  open: readonly AlertRow[],
  now: number,
): Promise<Share> => {
  const conditions = await byRules(project, judged);
  const own = open.filter((row) => row.project === project).map(({ fingerprint }) => fingerprint);
  const fingerprints = new Set([...own, ...conditions.map(({ labels }) => fingerprintOf(labels))]);
  const [routing, known] = await Promise.all([routingOf(project), alerts.these(project, [...fingerprints])]);
  const of = (condition: Condition) => ({ project, inhibits: mayInhibit(routing, condition), own: { subject } });
  return { routing, known, after: afterConditions(conditions, known, of, now) };
};

const sharesOf = (subject: string, { byProject }: Judged, open: readonly AlertRow[], now: number): Promise<Share[]> => {
  const projects = new Set([...byProject.keys(), ...open.map(({ project }) => project)]);
  return Promise.all(
    [...projects].map((project) => shareOf(project, subject, byProject.get(project) ?? [], open, now)),
  );
};

const changedIn = ({ known, after }: Share): AlertRow[] => after.filter((row) => !known.includes(row));

/** Those that people are to hear of, also where whoever wrote them died before they had their groups. */
const firingIn = ({ after }: Share, now: number): AlertRow[] =>
  after.filter((row) => row.pending === undefined && !isResolvedAt(row, now));

/**
 * Brings the alerts about a subject to what is so of it now, whatever was told of it, in whatever order and however often. Of two
 * that do so at once the one who knows less does it again: what was judged by is read anew once the alerts are known.
 * @throws WriteConflict where its row does not come to rest
 */
export const settleSubject = async (subject: string, now: number): Promise<void> => {
  const shares = await untilWritten(async () => {
    const open = await alerts.openOf(subject);
    const judged = await judge(subject, open, now);
    const all = await sharesOf(subject, judged, open, now);
    const changed = all.flatMap(changedIn);
    if (changed.length > 0 && (await judge(subject, open, now)).version !== judged.version) throw table.changed();
    await writeEach(changed.map(alerts.writing));
    return all;
  });
  for (const share of shares) {
    const firing = firingIn(share, now);
    if (firing.length > 0) await dispatch(share.routing, firing, now);
  }
};
