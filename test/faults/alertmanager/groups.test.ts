import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import * as z from 'zod';
import { type Config, readConfig } from '../../../lambdas/domain/alerts/config.ts';
import { inhibition } from '../../../lambdas/domain/alerts/inhibit.ts';
import { fingerprintOf, type LabelSet } from '../../../lambdas/domain/alerts/labels.ts';
import { type Matcher, matcherText } from '../../../lambdas/domain/alerts/matchers.ts';
import { groupLabelsOf, routesFor, routeTree } from '../../../lambdas/domain/alerts/route-tree.ts';
import { type Silence, silenceRefusal, silencesOf } from '../../../lambdas/domain/alerts/silence.ts';
import { type Peer, startAlertmanager } from '../../support/alertmanager.ts';
import { postedMatcher, someLabels, someMatchers, someRoutes, yamlOf } from '../../support/alerts.ts';
import { casesOr, SEED } from '../../support/cases.ts';

/**
 * Hundreds of alerts in the real Alertmanager, under one configuration after another: each lies in the groups of which ours says
 * so, by the same fingerprint, and is kept quiet by the same silences and by an alert that ours names.
 */
const Group = z.object({
  labels: z.record(z.string(), z.string()),
  receiver: z.object({ name: z.string() }),
  alerts: z.array(
    z.object({
      fingerprint: z.string(),
      labels: z.record(z.string(), z.string()),
      status: z.object({ silencedBy: z.array(z.string()), inhibitedBy: z.array(z.string()) }),
    }),
  ),
});
type Group = z.infer<typeof Group>;

const sample = <T>(arbitrary: fc.Arbitrary<T>, numRuns: number): T[] => fc.sample(arbitrary, { seed: SEED, numRuns });

const silenced = async (peer: Peer, matchers: readonly Matcher[]): Promise<Silence> => {
  const said = {
    startsAt: new Date().toISOString(),
    endsAt: new Date(Date.now() + 3_600_000).toISOString(),
    createdBy: 'me',
    comment: 'why',
  };
  const answer = await peer.api('silences', { ...said, matchers: matchers.map(postedMatcher) });
  const { silenceID } = z.object({ silenceID: z.string() }).parse(answer);
  return { ...said, id: silenceID, matchers, updatedAt: said.startsAt };
};

const byText = (texts: Iterable<string>): string[] => [...texts].sort();

/** Groups as texts: the labels, the receiver, and who is in it. */
const groupsOf = (config: Config, alerts: readonly LabelSet[]): string[] => {
  const tree = routeTree(config);
  const groups = new Map<string, { shown: string; fingerprints: string[] }>();
  for (const labels of alerts) {
    for (const route of routesFor(tree, labels)) {
      const grouping = groupLabelsOf(route, labels);
      const shown = `${fingerprintOf(grouping)} ${route.receiver}`;
      const group = groups.get(`${route.id} ${shown}`) ?? { shown, fingerprints: [] };
      group.fingerprints.push(fingerprintOf(labels));
      groups.set(`${route.id} ${shown}`, group);
    }
  }
  return byText(groups.values().map(({ shown, fingerprints }) => `${shown}: ${byText(fingerprints)}`));
};

const toldOf = (groups: readonly Group[]): string[] =>
  byText(
    groups.map(
      ({ labels, receiver, alerts }) =>
        `${fingerprintOf(labels)} ${receiver.name}: ${byText(alerts.map(({ fingerprint }) => fingerprint))}`,
    ),
  );

const someRules = fc.array(
  fc.record({
    source_matchers: someMatchers.map((all) => all.map(matcherText)),
    target_matchers: someMatchers.map((all) => all.map(matcherText)),
    equal: fc.subarray(['team', 'job', 'a']),
  }),
  { minLength: 1, maxLength: 3 },
);

it('alerts lie in the same groups, kept quiet by the same', async () => {
  const configs = sample(fc.tuple(someRoutes, someRules), casesOr(40)).map(([route, inhibit_rules]) =>
    yamlOf({ route, inhibit_rules }),
  );
  const all = sample(someLabels, 400).filter((labels) => Object.keys(labels).length > 0);
  const alerts = [...new Map(all.map((labels) => [fingerprintOf(labels), labels])).values()];
  const firing = alerts.map((labels) => ({ labels }));
  await using peer = await startAlertmanager(configs[0] ?? '');
  await peer.api(
    'alerts',
    alerts.map((labels) => ({ labels, endsAt: new Date(Date.now() + 3_600_000).toISOString() })),
  );
  const silences: Silence[] = [];
  const wanted = sample(someMatchers, 20).filter(
    (matchers) => silenceRefusal({ matchers, startsAt: '', endsAt: '' }) === undefined,
  );
  for (const matchers of wanted) silences.push(await silenced(peer, matchers));
  const met = { inhibited: 0, silenced: 0, groups: 0 };
  for (const yaml of configs) {
    const config = readConfig(yaml);
    const quietBy = inhibition(config.inhibit_rules, firing);
    await peer.configure(yaml);
    // It takes alerts in again beside answering.
    await vi.waitFor(
      async () => {
        const groups = z.array(Group).parse(await peer.api('alerts/groups'));
        expect(toldOf(groups), yaml).toEqual(groupsOf(config, alerts));
        for (const { fingerprint, labels, status } of groups.flatMap((group) => group.alerts)) {
          expect(fingerprintOf(labels)).toBe(fingerprint);
          expect(byText(status.silencedBy), yaml).toEqual(silencesOf(silences, labels, Date.now()));
          const inhibitors = quietBy(labels);
          expect(status.inhibitedBy.length > 0, yaml).toBe(inhibitors.length > 0);
          expect(inhibitors).toEqual(expect.arrayContaining(status.inhibitedBy));
          met.inhibited += status.inhibitedBy.length;
          met.silenced += status.silencedBy.length;
        }
        met.groups += groups.length;
      },
      { timeout: 30_000, interval: 20 },
    );
  }
  for (const count of Object.values(met)) expect(count).toBeGreaterThan(configs.length);
});
