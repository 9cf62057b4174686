import { setImmediate as turnOver } from 'node:timers/promises';
import { Fault } from '../domain/faults.ts';

/** What answers each of those that asked. @throws what came of this one alone */
type Answers<A, R> = (ask: A) => R | Promise<R>;

/** One that fails for all may fail for one of them only: then each is answered by itself. A Fault is nobody's own. */
const answersOf = async <A, R>(
  work: (asked: readonly A[]) => Promise<Answers<A, R>>,
  asked: readonly A[],
): Promise<Answers<A, R>> => {
  try {
    return await work(asked);
  } catch (error) {
    if (error instanceof Fault || asked.length === 1) throw error;
    return async (ask) => (await work([ask]))(ask);
  }
};

/** Answers what is asked for one by one, within one turn of the event loop, by one piece of work. */
export const gathered = <A, R>(work: (asked: readonly A[]) => Promise<Answers<A, R>>): ((ask: A) => Promise<R>) => {
  let asked: A[] = [];
  let answering: Promise<Answers<A, R>> | undefined;
  const answerAll = async (): Promise<Answers<A, R>> => {
    await turnOver();
    const all = asked;
    asked = [];
    answering = undefined;
    return answersOf(work, all);
  };
  return async (ask) => {
    asked.push(ask);
    answering ??= answerAll();
    return (await answering)(ask);
  };
};
