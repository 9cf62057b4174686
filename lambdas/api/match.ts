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

const parametersIn = (pattern: string): number => pattern.split('{').length - 1;

/** The pattern of the whole API that a path is read by; fixed segments before parameters: `/v1/hosts/enrol` is not the host `enrol`. */
const patternOf = (segments: readonly string[]): string | undefined =>
  Object.keys(METHODS)
    .filter((pattern) => paramsOf(pattern, segments) !== undefined)
    .sort((a, b) => parametersIn(a) - parametersIn(b))[0];

/** Finds the route of a request. @throws RouteNotFound, MethodNotAllowed naming the methods there are */
export const matchRoute = (routes: readonly Route[], method: string, path: string): Match => {
  const segments = segmentsOf(path.length > 1 ? path.replace(/\/$/, '') : path);
  const pattern = patternOf(segments);
  if (pattern === undefined) {
    throw new Fault('RouteNotFound', `There is no ${path.slice(0, 200)} here. See /v1/openapi.json.`);
  }
  const route = routes.find((each) => each.path === pattern && each.method === method);
  if (route) return { route, params: paramsOf(pattern, segments) ?? {} };
  const methods = METHODS[pattern] ?? [];
  throw new Fault('MethodNotAllowed', `${path.slice(0, 200)} takes ${methods.join(', ')}, not ${method}.`);
};
