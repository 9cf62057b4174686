import { Fault } from '../domain/faults.ts';
import { answer } from '../runtime/answer.ts';
import { isWaiting } from '../runtime/holder.ts';
import { lookAt } from '../runtime/look.ts';
import { graceOf, Look, orderLook } from '../runtime/looks.ts';
import { eachMessage } from '../runtime/records.ts';
import * as operations from '../store/operations.ts';

/** Queue of looks: covers an event that was lost, and ends the grace of a guest that is asked to stop. */
export const handler = eachMessage(async (message) => {
  const { operationId, attempt, look } = Look.parse(message);
  const operation = await operations.find(operationId);
  if (!isWaiting(operation) || operation.wait.attempt !== attempt) return;
  const said = await lookAt(operation);
  if (said) {
    await answer(operation, said, attempt);
    return;
  }
  const more = await orderLook(operation, look + 1);
  if (more || operation.wait.step !== 'Ask To Stop') return;
  const over = new Fault('GraceOver', `The guest did not stop within ${graceOf(operation)} s.`);
  await answer(operation, { fault: over }, attempt);
});
