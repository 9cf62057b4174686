import { prepare } from '../runtime/enrolment.ts';
import { step } from '../runtime/step.ts';

/** Prepare Host: checks the host and installs the host unit, once the host has registered; until then it waits. */
export const handler = step(({ operation, ask }) => prepare(operation, ask));
