import { Fault } from '../domain/faults.ts';

const TRIES = 6;

/** Reads, changes and writes rows again until no other writer came between. `work` reads them itself. @throws WriteConflict after six tries */
export const untilWritten = async <T>(work: () => Promise<T>): Promise<T> => {
  for (let tries = TRIES; ; tries -= 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Fault && error.name === 'WriteConflict') || tries <= 1) throw error;
    }
  }
};
