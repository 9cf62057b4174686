import * as z from 'zod';
import { fields, list, maybe, text, texts } from './config-fields.ts';
import { filled, Global, lackedBy } from './config-global.ts';
import { Receiver } from './config-receivers.ts';
import { InhibitRule, RouteConfig } from './config-route.ts';
import { wrongTemplates } from './config-templates.ts';
import { TimeInterval } from './config-time-intervals.ts';
import { readYamlTree, YamlError } from './yaml-tree.ts';

const NamedIntervals = fields({ name: text.default(''), time_intervals: list(TimeInterval) }).refine(
  ({ name }) => name !== '',
  'missing name in time interval',
);

const Whole = fields({
  global: z.preprocess((value) => value ?? {}, Global).prefault({}),
  route: maybe(RouteConfig),
  inhibit_rules: list(InhibitRule),
  receivers: list(Receiver),
  templates: list(text),
  /** Of NovaCron alone: the files that `templates` would name, by their names. */
  template_files: texts,
  mute_time_intervals: list(NamedIntervals),
  time_intervals: list(NamedIntervals),
});
type Whole = z.infer<typeof Whole>;

interface Wrong {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

const twice = (names: readonly string[]): number => names.findIndex((name, index) => names.indexOf(name) !== index);

const wrongNames = ({ receivers, mute_time_intervals, time_intervals }: Whole): Wrong[] => {
  const receiver = twice(receivers.map(({ name }) => name));
  const intervals = [...mute_time_intervals, ...time_intervals].map(({ name }) => name);
  const interval = twice(intervals);
  const later = interval - mute_time_intervals.length;
  const path = later < 0 ? ['mute_time_intervals', interval] : ['time_intervals', later];
  return [
    ...(receiver < 0
      ? []
      : [
          {
            path: ['receivers', receiver, 'name'],
            message: `notification config name ${JSON.stringify(receivers[receiver]?.name)} is not unique`,
          },
        ]),
    ...(interval < 0 ? [] : [{ path, message: `time interval ${JSON.stringify(intervals[interval])} is not unique` }]),
  ];
};

/** The root takes every alert, at any time. */
const wrongRoot = (root: RouteConfig): Wrong[] => {
  const wrong = (is: boolean, field: string, message: string) => (is ? [{ path: ['route', field], message }] : []);
  return [
    ...wrong(root.receiver === '', 'receiver', 'root route must specify a default receiver'),
    ...wrong(root.matchers.length > 0, 'matchers', 'root route must not have any matchers'),
    ...wrong(
      root.mute_time_intervals.length > 0,
      'mute_time_intervals',
      'root route must not have any mute time intervals',
    ),
    ...wrong(
      root.active_time_intervals.length > 0,
      'active_time_intervals',
      'root route must not have any active time intervals',
    ),
    ...wrong(root.continue, 'continue', 'cannot have continue in root route'),
  ];
};

interface Known {
  readonly receivers: ReadonlySet<string>;
  readonly intervals: ReadonlySet<string>;
}

const unknownIn = (route: RouteConfig, path: readonly PropertyKey[], known: Known): Wrong[] => [
  ...(route.receiver === '' || known.receivers.has(route.receiver)
    ? []
    : [
        {
          path: [...path, 'receiver'],
          message: `undefined receiver ${JSON.stringify(route.receiver)} used in route`,
        },
      ]),
  ...(['active_time_intervals', 'mute_time_intervals'] as const).flatMap((field) =>
    route[field]
      .filter((name) => !known.intervals.has(name))
      .map((name) => ({
        path: [...path, field],
        message: `undefined time interval ${JSON.stringify(name)} used in route`,
      })),
  ),
  ...route.routes.flatMap((child, index) => unknownIn(child, [...path, 'routes', index], known)),
];

const checked = (whole: Whole, context: z.RefinementCtx) => {
  const { route, mute_time_intervals, time_intervals } = whole;
  const receivers = whole.receivers.map((receiver) => filled(receiver, whole.global));
  const known = {
    receivers: new Set(receivers.map(({ name }) => name)),
    intervals: new Set([...mute_time_intervals, ...time_intervals].map(({ name }) => name)),
  };
  const wrong: Wrong[] = [
    ...wrongNames(whole),
    ...wrongTemplates(whole),
    ...receivers.flatMap((receiver, index) =>
      lackedBy(receiver).map(({ path, message }) => ({ path: ['receivers', index, ...path], message })),
    ),
    ...(route === undefined
      ? [{ path: [], message: 'no route provided in config' }]
      : [...wrongRoot(route), ...unknownIn(route, ['route'], known)]),
  ];
  for (const { path, message } of wrong) context.addIssue({ code: 'custom', path: [...path], message });
  return route === undefined ? z.NEVER : { ...whole, route, receivers };
};

/**
 * Alertmanager 0.25's configuration as it is, checked as `amtool check-config` does. Names are those of its file; durations are
 * milliseconds, the old ways of writing matchers are matchers, and receivers have what they leave to the global part.
 */
export const Config = Whole.transform(checked);
export type Config = z.infer<typeof Config>;

/** Something that a configuration has wrong, and where: `route.routes[2].receiver`. */
export interface ConfigTrouble {
  readonly line: number;
  readonly path: string;
  readonly text: string;
}

/** A configuration that is refused, with all that is wrong with it. */
export class ConfigError extends Error {
  readonly troubles: readonly ConfigTrouble[];
  constructor(troubles: readonly ConfigTrouble[]) {
    super(troubles.map(({ line, path, text }) => `line ${line}: ${path === '' ? '' : `${path}: `}${text}`).join('\n'));
    this.troubles = troubles;
  }
}

const pathText = (path: readonly PropertyKey[]): string =>
  path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '');

const wrongOf = (issue: z.core.$ZodIssue): Wrong[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => ({ path: [...issue.path, key], message: 'there is no such field' }))
    : [issue];

/** Reads a configuration. @throws ConfigError with all that is wrong, each with its line */
export const readConfig = (yamlText: string): Config => {
  try {
    const tree = readYamlTree(yamlText);
    const read = Config.safeParse(tree.value ?? {});
    if (read.success) return read.data;
    const troubles = read.error.issues
      .flatMap(wrongOf)
      .map(({ path, message }) => ({ line: tree.lineAt(path), path: pathText(path), text: message }));
    throw new ConfigError(troubles.toSorted((a, b) => a.line - b.line));
  } catch (error) {
    if (error instanceof YamlError) throw new ConfigError([{ line: error.line, path: '', text: error.message }]);
    throw error;
  }
};
