import { Fault } from '../domain/faults.ts';
import type { Route } from './route.ts';

export interface Match {
  readonly route: Route;
  readonly params: Record<string, string>;
}

/** A pattern of the API's paths, taken apart once: what stands at each place, or the parameter that does. */
interface Pattern {
  readonly path: string;
  readonly places: readonly { readonly text: string; readonly parameter?: string }[];
  readonly parameters: number;
}

const segmentsOf = (path: string): string[] => path.split('/').slice(1);

const patternFrom = (path: string): Pattern => {
  const places = segmentsOf(path).map((text) => {
    const parameter = /^\{(\w+)\}$/.exec(text)?.[1];
    return parameter === undefined ? { text } : { text, parameter };
  });
  return { path, places, parameters: places.filter(({ parameter }) => parameter !== undefined).length };
};

const fits = ({ places }: Pattern, segments: readonly string[]): boolean =>
  places.length === segments.length &&
  places.every(({ text, parameter }, index) => parameter !== undefined || text === segments[index]);

const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
};

/** The parameters of a path that fits a pattern. */
const paramsOf = ({ places }: Pattern, segments: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    places.flatMap(({ parameter }, index) =>
      parameter === undefined ? [] : [[parameter, decoded(segments[index] ?? '')]],
    ),
  );

/** Fixed segments before parameters: `/v1/hosts/enrol` is not the host `enrol`. */
const patternsOf = (paths: readonly string[]): Pattern[] =>
  paths.map(patternFrom).sort((a, b) => a.parameters - b.parameters);

/**
 * Paths of the API that stand where others have a parameter: whoever serves those is asked for these, too, with a method that they do
 * not take. A test holds it to the table of all paths.
 */
export const FIXED: ReadonlySet<string> = new Set(['/v1/hosts/enrol']);

const withoutSlash = (path: string): string => (path.length > 1 ? path.replace(/\/$/, '') : path);

/** By what a function finds the route of a request among its own; undefined where it has none for it. */
export const matcherOf = (routes: readonly Route[]) => {
  const patterns = patternsOf([...new Set(routes.map(({ path }) => path))]);
  return (method: string, path: string): Match | undefined => {
    const asked = withoutSlash(path);
    const segments = segmentsOf(asked);
    const isMeant = (pattern: Pattern): boolean =>
      fits(pattern, segments) && (!FIXED.has(asked) || pattern.path === asked);
    for (const pattern of patterns.filter(isMeant)) {
      const route = routes.find((each) => each.path === pattern.path && each.method === method);
      if (route) return { route, params: paramsOf(pattern, segments) };
    }
    return undefined;
  };
};

/** Why no route takes a request: RouteNotFound, or MethodNotAllowed naming the methods there are. */
export const refusalOf = async (method: string, path: string): Promise<Fault> => {
  const { METHODS } = await import('#methods');
  const segments = segmentsOf(withoutSlash(path));
  const pattern = patternsOf(Object.keys(METHODS)).find((each) => fits(each, segments));
  const shown = path.slice(0, 200);
  if (pattern === undefined) return new Fault('RouteNotFound', `There is no ${shown} here. See /v1/openapi.json.`);
  const methods = METHODS[pattern.path]?.replaceAll(' ', ', ');
  return new Fault('MethodNotAllowed', `${shown} takes ${methods}, not ${method}.`);
};
