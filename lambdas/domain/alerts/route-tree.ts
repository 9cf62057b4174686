import type { Config } from './config.ts';
import type { RouteConfig } from './config-route.ts';
import { type Flapping, NO_FLAPPING } from './flapping.ts';
import { type LabelSet, labelOf, labelsText } from './labels.ts';
import { type Matcher, matchersText, matchesValue } from './matchers.ts';

/** A node of the routing tree with all that it has of its parents. */
export interface Route {
  /** Which node this is, by its place among its siblings: `0.2`. Keys may be alike. */
  readonly id: string;
  /** What Alertmanager calls it: `{}/{team="a"}`. */
  readonly key: string;
  readonly receiver: string;
  readonly matchers: readonly Matcher[];
  readonly continue: boolean;
  readonly groupBy: readonly string[];
  /** By all labels of an alert, whatever `groupBy` says. */
  readonly isGroupedByAll: boolean;
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  readonly repeatIntervalMs: number;
  /** Beyond Alertmanager. */
  readonly flapping: Flapping;
  /** These two are no parent's. */
  readonly muteTimeIntervals: readonly string[];
  readonly activeTimeIntervals: readonly string[];
  readonly routes: readonly Route[];
}

type Inherited = Omit<Route, 'routes' | 'matchers' | 'continue' | 'muteTimeIntervals' | 'activeTimeIntervals'>;

const ROOT: Inherited = {
  id: '',
  key: '',
  receiver: '',
  groupBy: [],
  isGroupedByAll: false,
  groupWaitMs: 30_000,
  groupIntervalMs: 300_000,
  repeatIntervalMs: 14_400_000,
  flapping: NO_FLAPPING,
};

const groupingOf = ({ group_by }: RouteConfig, parent: Inherited): Pick<Route, 'groupBy' | 'isGroupedByAll'> => {
  if (group_by.includes('...')) return { groupBy: parent.groupBy, isGroupedByAll: true };
  if (group_by.length > 0) return { groupBy: group_by, isGroupedByAll: false };
  return { groupBy: parent.groupBy, isGroupedByAll: parent.isGroupedByAll };
};

const joined = (parent: string, between: string, own: string): string => (parent === '' ? own : parent + between + own);

const routeOf = (config: RouteConfig, parent: Inherited, index: number): Route => {
  const own: Inherited = {
    id: joined(parent.id, '.', String(index)),
    key: joined(parent.key, '/', matchersText(config.matchers)),
    receiver: config.receiver || parent.receiver,
    ...groupingOf(config, parent),
    groupWaitMs: config.group_wait ?? parent.groupWaitMs,
    groupIntervalMs: config.group_interval ?? parent.groupIntervalMs,
    repeatIntervalMs: config.repeat_interval ?? parent.repeatIntervalMs,
    flapping: config.flapping ?? parent.flapping,
  };
  return {
    ...own,
    matchers: config.matchers,
    continue: config.continue,
    muteTimeIntervals: config.mute_time_intervals,
    activeTimeIntervals: config.active_time_intervals,
    routes: config.routes.map((child, place) => routeOf(child, own, place)),
  };
};

/** The routing tree of a configuration, by its root. */
export const routeTree = ({ route }: Pick<Config, 'route'>): Route => routeOf(route, ROOT, 0);

/** What a node says of an alert: it is told here; others below are; it is refused by matchers; an earlier sibling took it. */
export interface Asked {
  readonly route: Route;
  readonly answer: 'receives' | 'passes-on' | 'refuses' | 'not-asked';
  /** The matchers that do not take its labels. */
  readonly refusedBy: readonly Matcher[];
}

const askedAmong = (routes: readonly Route[], labels: LabelSet): Asked[] => {
  const asked: Asked[] = [];
  let isTaken = false;
  for (const route of routes) {
    const answers: Asked[] = isTaken ? [{ route, answer: 'not-asked', refusedBy: [] }] : explain(route, labels);
    asked.push(...answers);
    isTaken ||= answers[0]?.answer !== 'refuses' && !route.continue;
  }
  return asked;
};

/** Which nodes are asked about an alert, from the root down and left to right, and what each answers. */
export const explain = (tree: Route, labels: LabelSet): Asked[] => {
  const refusedBy = tree.matchers.filter((matcher) => !matchesValue(matcher, labelOf(labels, matcher.name)));
  if (refusedBy.length > 0) return [{ route: tree, answer: 'refuses', refusedBy }];
  const below = askedAmong(tree.routes, labels);
  const answer = below.some((each) => each.answer === 'receives') ? 'passes-on' : 'receives';
  return [{ route: tree, answer, refusedBy }, ...below];
};

/** The nodes whose receivers an alert is told to, in order. */
export const routesFor = (tree: Route, labels: LabelSet): Route[] =>
  explain(tree, labels)
    .filter(({ answer }) => answer === 'receives')
    .map(({ route }) => route);

/** By what an alert is grouped at a node. */
export const groupLabelsOf = ({ groupBy, isGroupedByAll }: Route, labels: LabelSet): LabelSet =>
  Object.fromEntries(Object.entries(labels).filter(([name]) => isGroupedByAll || groupBy.includes(name)));

/** What Alertmanager calls a group: `{}/{team="a"}:{alertname="X"}`. */
export const groupKeyOf = ({ key }: Pick<Route, 'key'>, groupLabels: LabelSet): string =>
  `${key}:${labelsText(groupLabels)}`;
