import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import { ROOT } from '../lib/bundles.ts';
import type { AwsFront } from './aws-front.ts';

/** One run of a scheduler over the fleet. */
export interface Run {
  readonly name: string;
  readonly changes: number;
  readonly want: 'up' | 'down';
  /** Of our schedule. */
  readonly filter: string;
  /** Whether a time of the schedule has come. */
  readonly isDue: boolean;
  /** What instance-scheduler is told the time is. */
  readonly moment: string;
  /** The same of a run before it, uncounted: what it has stopped it takes for started by hand until its next time to be up. */
  readonly before?: string;
  /** Whether this is Custodian's hour, and for which values of the tag Schedule. */
  readonly batches: readonly string[];
}

export interface Instance {
  readonly id: string;
  readonly state: 'running' | 'stopped';
  /** One in ten is `early`, the others `office`. */
  readonly batch: string;
}

const Usage = z.object({ code: z.number(), cpuSeconds: z.number(), maxRssMiB: z.number() });
/** What a process came to. */
export type Used = Omit<z.infer<typeof Usage>, 'code'>;

/** A process of a contestant, and the calls that it made. */
export interface Process extends Used {
  /** Whether it decides and asks EC2; else it follows up what was asked for. */
  readonly schedules: boolean;
  readonly calls: number;
}

/** Where the contestants run: an emulated AWS behind a front that counts. */
export interface Stage {
  readonly front: AwsFront;
  readonly url: string;
  readonly run: (
    command: readonly string[],
    around: { readonly env: Record<string, string | undefined>; readonly input?: string; readonly cwd?: string },
  ) => Promise<Used>;
}

/** Runs a command to its end. @throws Error where it does not end well, with what it said */
export const measured: Stage['run'] = async (command, { env, input = '', cwd = ROOT }) => {
  const args = [join(import.meta.dirname, 'usage.py'), ...command];
  const child = spawn('/usr/bin/python3', args, { cwd, env: { ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(input);
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const { code, ...used } = Usage.parse(JSON.parse(out.trim().split('\n').at(-1) ?? '{}'));
  if (code !== 0) throw new Error(`${command.join(' ')} ended by ${code}: ${err.slice(-2_000)}`);
  return used;
};
