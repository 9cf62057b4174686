import { isOpen, OperationState } from '../operation.ts';
import { type Finding, found } from './kinds.ts';
import type { Known } from './world.ts';

/** The outcomes that are an operation's end. */
const ENDS: ReadonlySet<string> = new Set(OperationState.options.filter((state) => !isOpen({ state })));

/** The outbox keeps its rows for seven days; younger by a day than that, nothing of an end may be missing. */
const KEPT_MS = 6 * 86_400_000;

/** I6: an operation that has ended has exactly one entry of its end; the log's own chain is verified elsewhere. */
export const toldOnce = ({ at, operations, audits }: Known): Finding[] => {
  const ends = new Map<string, number>();
  for (const { operationId, outcome } of audits) {
    if (operationId !== undefined && ENDS.has(outcome)) ends.set(operationId, (ends.get(operationId) ?? 0) + 1);
  }
  return operations
    .filter((each) => !isOpen(each) && each.endedAt !== undefined)
    .flatMap(({ id, kind, state, endedAt = at }) => {
      const told = ends.get(id) ?? 0;
      const tellable = Date.parse(at) - Date.parse(endedAt) < KEPT_MS;
      if (told === 1 || (told === 0 && !tellable)) return [];
      return [
        found(told === 0 ? 'EndNotTold' : 'EndToldTwice', {
          subject: id,
          detail: `${kind} has ${state}; entries of its end: ${told}.`,
          since: endedAt,
        }),
      ];
    });
};
