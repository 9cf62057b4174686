import { handler as stateStreamed } from '../../lambdas/events/state-streamed.ts';
import type { StateTable } from './state-table.ts';
import { CONTEXT, streamed } from './stream.ts';

type Row = Record<string, unknown>;

/** The stream of VMs' rows: tells its consumer of each change since it was asked last. */
export class VmStream {
  readonly #state: StateTable;
  #known = new Map<string, Row>();
  /** All changes that were told, to tell them once more. */
  readonly told: { before?: Row; after?: Row }[] = [];

  constructor(state: StateTable) {
    this.#state = state;
  }

  async flow(): Promise<void> {
    const now = new Map(this.#state.of('vm').map((row): [string, Row] => [String(row.id), structuredClone(row)]));
    for (const [id, after] of now) {
      const before = this.#known.get(id);
      if (before?.version === after.version) continue;
      await this.tell({ ...(before ? { before } : {}), after });
    }
    this.#known = now;
  }

  /** In one batch. */
  async tell(...changes: { before?: Row; after?: Row }[]): Promise<void> {
    this.told.push(...changes);
    const { batchItemFailures } = await stateStreamed(streamed(...changes), CONTEXT);
    if (batchItemFailures.length > 0)
      throw new Error(`the stream's consumer failed at ${JSON.stringify(batchItemFailures)}`);
  }
}
