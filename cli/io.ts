import type { Readable } from 'node:stream';

/** A place to write to: a stream, or a test's buffer. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Width in columns, where it is a terminal. */
  readonly columns?: number;
}

/** Everything the command takes from its surroundings, given so that tests run it in process. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  /** Where live steps may be drawn; absent where a log or a pipe listens, or in CI. */
  readonly terminal?: NodeJS.WriteStream;
  /** Fires on Ctrl-C: whoever waits then says how to go on, and leaves the operation alone. */
  readonly interrupted: AbortSignal;
}
