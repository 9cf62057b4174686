import { afterEach, expect } from 'vitest';
import { findingsOf } from '../../lambdas/domain/invariants/findings.ts';
import { type FindingKind, keyOf } from '../../lambdas/domain/invariants/kinds.ts';
import type { World } from '../../lambdas/domain/invariants/world.ts';
import { isOpen } from '../../lambdas/domain/operation.ts';
import { PLACEMENT_DEFAULTS } from '../../lambdas/domain/placement.ts';
import type { FakeProvider } from '../../lambdas/providers/fake.ts';
import { type Held, heldOf } from '../../lambdas/store/held.ts';
import type { Item } from '../../lambdas/store/write.ts';

/** VMs whose rows tests put in by hand are just that: nobody asked for them. */
const BY_HAND: readonly FindingKind[] = ['VmAdopted'];

/** What the test at hand works on. */
interface Watched {
  rows?: ReadonlyMap<string, Item> | undefined;
  fake?: FakeProvider | undefined;
  readonly left: Set<FindingKind>;
}

const watched: Watched = { left: new Set() };

/** The rows that are audited after this test. */
export const auditRows = (rows: ReadonlyMap<string, Item>): void => {
  watched.rows = rows;
};

/** The machines that are audited with them. */
export const auditFake = (fake: FakeProvider): void => {
  watched.fake = fake;
};

/** Says what this test leaves as it must not be left, on purpose: rows made by hand, or ends that nobody writes here. */
export const leaves = (...kinds: FindingKind[]): void => {
  for (const kind of kinds) watched.left.add(kind);
};

/** Tests own time: the world is as old as the youngest thing in it. */
const youngest = ({ vms, operations }: Held): string =>
  [
    ...vms.map(({ changedAt }) => changedAt),
    ...operations.flatMap(({ createdAt, endedAt }) => [createdAt, endedAt ?? createdAt]),
  ].reduce((latest, at) => (at > latest ? at : latest), '2000-01-01T00:00:00.000Z');

/** The sweeper, which seldom comes in a test, takes a row of several away once all have ended. */
const swept = ({ openTogether, operations }: Held): World['openTogether'] =>
  openTogether.filter((ids) => operations.some((each) => ids.includes(each.id) && isOpen(each)));

const worldOf = (held: Held, fake: FakeProvider | undefined): World => ({
  ...held,
  openTogether: swept(held),
  at: youngest(held),
  graceSeconds: 0,
  machines: fake?.machines() ?? [],
  // A fake holds what a test gave it, which is seldom all that rows tell of.
  looked: new Set(),
  files: [],
  volumes: [],
  userData: [],
  overcommit: PLACEMENT_DEFAULTS,
});

/** The invariants hold over what every test leaves behind, but for what it said. */
afterEach(async () => {
  const { rows, fake } = watched;
  const left = new Set([...BY_HAND, ...watched.left]);
  watched.rows = undefined;
  watched.fake = undefined;
  watched.left.clear();
  if (rows === undefined) return;
  const findings = findingsOf(worldOf(await heldOf(rows.values()), fake)).filter(({ kind }) => !left.has(kind));
  expect(findings.map((finding) => `${keyOf(finding)}: ${finding.detail}`)).toEqual([]);
});
