import { Fault } from '../domain/faults.ts';
import { METHODS } from './methods.ts';
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

/** Of the whole API; fixed segments before parameters: `/v1/hosts/enrol` is not the host `enrol`. */
const PATTERNS = Object.keys(METHODS)
  .map(patternFrom)
  .sort((a, b) => a.parameters - b.parameters);

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

/** Finds the route of a request. @throws RouteNotFound, MethodNotAllowed naming the methods there are */
export const matchRoute = (routes: readonly Route[], method: string, path: string): Match => {
  const segments = segmentsOf(path.length > 1 ? path.replace(/\/$/, '') : path);
  const pattern = PATTERNS.find((each) => fits(each, segments));
  if (pattern === undefined) {
    throw new Fault('RouteNotFound', `There is no ${path.slice(0, 200)} here. See /v1/openapi.json.`);
  }
  const route = routes.find((each) => each.path === pattern.path && each.method === method);
  if (route) return { route, params: paramsOf(pattern, segments) };
  const methods = METHODS[pattern.path]?.replaceAll(' ', ', ');
  throw new Fault('MethodNotAllowed', `${path.slice(0, 200)} takes ${methods}, not ${method}.`);
};
