/** What the shell sees; stable, part of the CLI's contract. `pending`: a plan would change something. */
export const EXIT = { ok: 0, failed: 1, usage: 2, pending: 3, notAllowed: 4, timedOut: 5, interrupted: 130 } as const;

/** Wrong use of the command: what was wrong, told with the usage line; exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A failure in our own words, with the next step and the exit code it deserves. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly next: string | undefined;
  readonly exitCode: number;

  constructor(message: string, options: { next?: string; exitCode?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.next = options.next;
    this.exitCode = options.exitCode ?? EXIT.failed;
  }
}
