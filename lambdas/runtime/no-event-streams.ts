/**
 * Stands in for `@smithy/core/event-streams` when functions are bundled (an esbuild alias in lib/bundles.ts): every client
 * brings it along for calls whose answer is a stream of events, and we make none.
 */
const none = (): never => {
  throw new Error('functions are bundled without event streams');
};

export { none as EventStreamSerde, none as eventStreamSerdeProvider };

/** Leaves a client's settings as they are. */
export const resolveEventStreamSerdeConfig = <T>(settings: T): T => settings;
