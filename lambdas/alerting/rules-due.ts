import * as z from 'zod';
import type { CompositeState } from '../domain/rules/composite.ts';
import { isComposite } from '../domain/rules/condition.ts';
import { NO_STATE, type RulesState } from '../domain/rules/evaluate.ts';
import { atMost } from '../runtime/chunks.ts';
import { orderLooks, orderNone, RulesLook } from '../runtime/rule-wakes.ts';
import * as hosts from '../store/hosts.ts';
import type { Kept } from '../store/kept-states.ts';
import * as projects from '../store/projects.ts';
import * as states from '../store/rule-states.ts';
import { compositesKnown, orderComposites } from './order-composites.ts';
import { rulesOf } from './rules-of.ts';
import { knownOfEc2, sightBy, watchComposites } from './watch-composites.ts';
import { awaitedOf, measures, watchHost } from './watch-host.ts';

/** Hosts, or projects, that are looked at at once. */
const AT_ONCE = 8;

/** What is due as time goes by: samples that do not come, what has been so for long enough, what is to be sent again, composites. */
export const watchRules = async (now: number): Promise<void> => {
  const all = await Array.fromAsync(projects.everyId());
  const rules = await rulesOf(all);
  const befores = new Map<string, Kept<CompositeState>>();
  await atMost(AT_ONCE, all, async (project) => befores.set(project, await compositesKnown(project, now)));
  const known: RulesState[] = [];
  const measuring = (await hosts.all()).filter(measures);
  await atMost(AT_ONCE, measuring, async (host) => {
    const order = orderLooks({ rulesOfHost: host.id });
    known.push(await watchHost({ host, awaited: await awaitedOf(host), rules }, order, now));
  });
  const isAnyJoined = all.some((project) => rules.composites.get(project)?.some(({ when }) => isComposite(when)));
  if (isAnyJoined) known.push(...(await knownOfEc2(now)));
  await atMost(AT_ONCE, [...befores], ([project, before]) =>
    watchComposites({ project, rules, seen: { before, known } }, orderLooks({ compositesOf: project }), now),
  );
};

/** Whether a look was ordered for a moment that has come, and nobody has looked since. */
const isStillDue = ({ due }: Pick<Kept<unknown>, 'due'>, now: number): boolean => due.some((at) => at <= now);

const lookAtHost = async (id: string, now: number): Promise<void> => {
  const before = await states.get(id, NO_STATE, now);
  if (!isStillDue(before, now)) return;
  const host = await hosts.find(id);
  if (host === undefined || !measures(host)) return;
  const awaited = await awaitedOf(host);
  const subjects = [...awaited.map(({ subject }) => subject), ...Object.values(before.state.subjects)];
  const rules = await rulesOf(subjects.map(({ project }) => project));
  await orderComposites(rules, before.state, await watchHost({ host, awaited, rules }, orderNone, now));
};

const lookAtComposites = async (
  { compositesOf: project, further }: Extract<RulesLook, { compositesOf: string }>,
  now: number,
): Promise<void> => {
  const before = await compositesKnown(project, now);
  if (!isStillDue(before, now)) return;
  const seen = await sightBy(before, now);
  const order = further === 0 ? orderNone : orderLooks({ compositesOf: project, further: further - 1 });
  await watchComposites({ project, rules: await rulesOf([project]), seen }, order, now);
};

/** "Rules Due" of bus `novacron`: each minute while there are hosts, and when something of a host or a project is due in between. */
const Due = z.object({ detail: RulesLook });

export const handler = (event: unknown): Promise<void> => {
  const now = Date.now();
  const { success, data } = Due.safeParse(event);
  if (!success) return watchRules(now);
  return 'rulesOfHost' in data.detail ? lookAtHost(data.detail.rulesOfHost, now) : lookAtComposites(data.detail, now);
};
