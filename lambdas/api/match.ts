import { Fault } from '../domain/faults.ts';
import { METHODS } from './methods.ts';
import type { Route } from './route.ts';

export interface Match {
  readonly route: Route;
  readonly params: Record<string, string>;
}

const segmentsOf = (path: string): string[] => path.split('/').slice(1);

const decoded = (segment: string): string | undefined => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
};

/** The parameters of a path that fits a route's pattern; undefined where it does not. */
const paramsOf = (pattern: string, segments: readonly string[]): Record<string, string> | undefined => {
  const wanted = segmentsOf(pattern);
  if (wanted.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, want] of wanted.entries()) {
    const segment = segments[index] ?? '';
    const name = /^\{(\w+)\}$/.exec(want)?.[1];
    if (name === undefined) {
      if (want !== segment) return undefined;
    } else params[name] = decoded(segment) ?? segment;
  }
  return params;
};

/** Fixed segments before parameters: `/v1/hosts/enrol` is not the host `enrol`. */
const byFixedness = (a: Match, b: Match): number => Object.keys(a.params).length - Object.keys(b.params).length;

/** Finds the route of a request. @throws RouteNotFound, MethodNotAllowed naming the methods there are */
export const matchRoute = (routes: readonly Route[], method: string, path: string): Match => {
  const segments = segmentsOf(path.length > 1 ? path.replace(/\/$/, '') : path);
  const fitting = routes
    .flatMap((route): Match[] => {
      const params = paramsOf(route.path, segments);
      return params === undefined ? [] : [{ route, params }];
    })
    .sort(byFixedness);
  const found = fitting.find(({ route }) => route.method === method);
  if (found) return found;
  const methods = methodsOf(segments);
  if (methods.length === 0) {
    throw new Fault('RouteNotFound', `There is no ${path.slice(0, 200)} here. See /v1/openapi.json.`);
  }
  throw new Fault('MethodNotAllowed', `${path.slice(0, 200)} takes ${methods.join(', ')}, not ${method}.`);
};

/** Of the whole API, not of one function. */
const methodsOf = (segments: readonly string[]): string[] => [
  ...new Set(Object.entries(METHODS).flatMap(([path, methods]) => (paramsOf(path, segments) ? methods : []))),
];
