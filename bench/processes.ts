import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import * as z from 'zod';

/** A heap held as small as a function of 256 MB would have it: V8 otherwise takes what the machine has before it cleans up. */
export const SMALL_HEAP = ['--max-old-space-size=160', '--max-semi-space-size=4'];

/** The heap that the bootstrap of Lambda's own runtime gives Node in a function of so many MB. */
export const heapOf = (memoryMB: number): string[] => {
  const young = Math.floor(memoryMB / 10);
  return [`--max-semi-space-size=${Math.floor(young / 2)}`, `--max-old-space-size=${memoryMB - young}`];
};

/** What a process that runs came to since its start: CPU seconds, and the most memory that it ever had. */
export const usedBy = (pid: number): { readonly cpuSeconds: number; readonly maxRssMiB: number } => {
  const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  // proc(5): after the name of the program, in brackets, utime and stime are the 12th and the 13th field, in hundredths of a second.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100, maxRssMiB: Number(peak) / 1024 };
};

/** Runs a module of this folder to its end. @returns the last line that it prints, read as JSON @throws Error where it does not end well */
export const printed = async (
  args: readonly string[],
  { env, input = '' }: { readonly env: NodeJS.ProcessEnv; readonly input?: string },
): Promise<unknown> => {
  const child = spawn(process.execPath, args, { cwd: import.meta.dirname, env, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(input);
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (code !== 0) throw new Error(`${args.join(' ')} ended by ${code}: ${err.slice(-2_000)}`);
  return JSON.parse(out.trim().split('\n').at(-1) ?? '');
};

const Spent = z.object({ ms: z.number(), cpuSeconds: z.number(), maxRssMiB: z.number() });
/** A time, and what a process came to from its start. */
export type Spent = z.infer<typeof Spent>;

/** What functions are given (lib/constructs/handler.ts). */
export const FUNCTION_MB = 512;

/** Calls a function as it is shipped for each of these events, so many at once in one process with a function's heap, in our own environment. */
export const invoked = async (entry: string, events: readonly unknown[], atOnce: number): Promise<Spent> => {
  const args = [...heapOf(FUNCTION_MB), join(import.meta.dirname, 'invoke-many.ts'), entry, String(atOnce)];
  return Spent.parse(await printed(args, { env: process.env, input: JSON.stringify(events) }));
};
