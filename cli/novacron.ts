import { EXIT } from './exit-codes.ts';
import type { Io } from './io.ts';
import { run } from './program.ts';

/** The one place that touches the process: streams, environment, Ctrl-C and the exit code. */

const interruption = new AbortController();
// The first Ctrl-C ends the watching in good order, the second one at once. The listener must stay: signal-exit, which
// listr2 brings for the cursor, kills the process where it finds itself alone.
process.on('SIGINT', () => {
  if (interruption.signal.aborted) process.exit(EXIT.interrupted);
  interruption.abort();
});
// A reader such as `head` may leave before the end.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const live = process.stdout.isTTY && process.stderr.isTTY && !process.env.CI;
const io: Io = {
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  interrupted: interruption.signal,
  ...(live ? { terminal: process.stderr } : {}),
};

process.exitCode = await run(process.argv.slice(2), io);
