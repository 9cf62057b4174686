import { fleetOf, leftoversOf, planOf } from '../domain/collection.ts';
import { confirmed, findingsOf } from '../domain/invariants/findings.ts';
import { type Finding, found, INVARIANTS, keyOf } from '../domain/invariants/kinds.ts';
import type { World } from '../domain/invariants/world.ts';
import { publish } from '../runtime/bus.ts';
import { countFindings } from '../runtime/finding-metrics.ts';
import { logger } from '../runtime/powertools.ts';
import { survey } from '../runtime/survey.ts';
import * as plane from '../store/plane.ts';
import * as table from '../store/table.ts';

/** People are told of the first ones by name; a flood of them has one cause, and the list is kept. */
const TOLD_AT_ONCE = 20;

/** Two looks where the first finds anything: the table is read row by row while others write. */
const look = async (at: string): Promise<{ world: World; findings: Finding[] }> => {
  const first = await survey(at);
  const findings = findingsOf(first);
  if (findings.length === 0) return { world: first, findings };
  const world = await survey(at);
  return { world, findings: confirmed(findings, findingsOf(world)) };
};

/** What the collector will do with what was found, and what it must be held back from. */
const judge = async (world: World, findings: readonly Finding[]) => {
  const seenTableId = world.table?.id ?? '';
  const before = await plane.findCollector();
  const known = before ?? { tableId: seenTableId, refused: [], approved: [] };
  const leftovers = leftoversOf(world, findings);
  const plan = planOf(leftovers, fleetOf(world), { version: 0, ...known, seenTableId });
  const refused = plan.state === 'tripped' ? plan.held.map(({ vmId }) => vmId) : [];
  const stale = new Set(leftovers.map(({ vmId }) => vmId));
  const approved = known.approved.filter((vmId) => stale.has(vmId));
  await table.save(plane.changingCollector(before, { ...known, seenTableId, refused, approved }));
  const trip =
    plan.state === 'tripped' ? [found('TooManyLeftovers', { subject: 'collector', detail: plan.reason ?? '' })] : [];
  return { leftovers, findings: [...findings, ...trip] };
};

/** Told since when it is so: by the finding itself, else by the audit that saw it first. */
const dated = (findings: readonly Finding[], before: readonly Finding[], at: string): Finding[] => {
  const known = new Map(before.map((finding) => [keyOf(finding), finding]));
  return findings.map((finding) => ({ ...finding, since: finding.since ?? known.get(keyOf(finding))?.since ?? at }));
};

const countsOf = (findings: readonly Finding[]): Record<string, number> =>
  Object.fromEntries(
    Object.keys(INVARIANTS).map((key) => [key, findings.filter(({ invariant }) => invariant === key).length]),
  );

/** One event for each that was not there at the audit before. */
const tell = async (findings: readonly Finding[], before: readonly Finding[]): Promise<void> => {
  const known = new Set(before.map(keyOf));
  const fresh = findings.filter((finding) => !known.has(keyOf(finding)));
  for (const [index, finding] of fresh.slice(0, TOLD_AT_ONCE).entries()) {
    const more = index === TOLD_AT_ONCE - 1 ? fresh.length - TOLD_AT_ONCE : 0;
    await publish({
      noun: 'finding',
      type: 'Audit Finding',
      id: `${keyOf(finding)} ${finding.since}`,
      detail: { ...finding, more },
    });
  }
};

/**
 * Each hour, and on demand: I1 to I10 over table, EC2, hosts and disks. It lists, counts and tells; the collector acts on
 * what it wrote, and on nothing else.
 */
export const handler = async (): Promise<{ total: number }> => {
  const at = new Date().toISOString();
  const before = await plane.lastRun();
  const looked = await look(at);
  const { leftovers, findings: all } = await judge(looked.world, looked.findings);
  const findings = dated(all, before?.findings ?? [], at);
  const run = { at, total: findings.length, counts: countsOf(findings), fleet: fleetOf(looked.world) };
  await tell(findings, before?.findings ?? []);
  await plane.keepRun(before, {
    ...run,
    findings: findings.slice(0, plane.KEPT),
    leftovers: leftovers.slice(0, plane.KEPT),
  });
  countFindings(run);
  logger.info('audited', { ...run.counts, fleet: run.fleet, leftovers: leftovers.length });
  return { total: run.total };
};
