import * as z from 'zod';
import { FAULTS, Fault, type FaultName, type FieldError } from '../domain/faults.ts';

/** RFC 9457: one shape for every failure. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: FaultName;
  readonly requestId: string;
  readonly errors?: readonly FieldError[];
}

/** Where the pages of docs/problems are read. */
const PAGES = 'https://novacron.dev/problems/';

const escaped = (part: PropertyKey): string => String(part).replaceAll('~', '~0').replaceAll('/', '~1');

/** `body` paths become JSON pointers, the others `query/<name>`, `path/<name>`. */
const pointerOf = (path: readonly PropertyKey[]): string => {
  const [part, ...rest] = path;
  const pointer = rest.map((each) => `/${escaped(each)}`).join('');
  return part === 'body' ? pointer : `${String(part)}${pointer}`;
};

/** More would only help somebody who probes. */
const MOST_ERRORS = 50;

const ofIssue = (issue: z.core.$ZodIssue): FieldError[] => {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ pointer: pointerOf([...issue.path, key]), detail: 'no such field' }));
  }
  if (issue.code === 'invalid_key' || issue.code === 'invalid_element') {
    return issue.issues.map(({ message }) => ({ pointer: pointerOf(issue.path), detail: message }));
  }
  return [{ pointer: pointerOf(issue.path), detail: issue.message }];
};

/** The fields that a failed validation names. */
const fieldErrors = (error: z.ZodError): FieldError[] => error.issues.flatMap(ofIssue).slice(0, MOST_ERRORS);

const invalid = (error: z.ZodError): Fault => {
  const errors = fieldErrors(error);
  const named = errors.slice(0, 3).map(({ pointer, detail }) => `${pointer || 'the body'}: ${detail}`);
  return new Fault('InvalidRequest', `${named.join('; ')}${errors.length > 3 ? '; …' : ''}`, { errors });
};

/** Any error as a Fault of ours. What we did not name never reaches the caller. */
export const faultOf = (error: unknown): Fault => {
  if (error instanceof Fault) return error;
  if (error instanceof z.ZodError) return invalid(error);
  return new Fault('Internal', 'The cause is in the log under this request id.', { cause: error });
};

/** What the caller reads of a fault. */
export const problemOf = ({ name, message, errors }: Fault, requestId: string): Problem => ({
  type: `${PAGES}${name}`,
  title: FAULTS[name].title,
  status: FAULTS[name].status,
  detail: message,
  code: name,
  requestId,
  ...(errors.length > 0 ? { errors } : {}),
});
