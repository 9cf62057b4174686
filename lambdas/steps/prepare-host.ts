import { raise } from '../domain/faults.ts';
import { prepare, prove } from '../runtime/enrolment.ts';
import { step } from '../runtime/step.ts';
import { takeOver } from '../runtime/take-over.ts';

/**
 * Prove Host: asks a machine that has registered for a host that we know by what it is that host; until one has, it waits.
 * Take Over: one that is proved takes the place of the node that the host was; another one is sent away.
 * Prepare Host: checks the host and installs the host unit, once the host has registered; until then it waits.
 */
export const handler = step(({ step: name, operation, ask, proof }) => {
  if (name === 'Prove Host') return prove(operation, ask);
  if (name === 'Take Over') return takeOver(operation, proof ?? raise('Internal', `${operation.id} brought no proof.`));
  return prepare(operation, ask);
});
