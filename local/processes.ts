import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { inHome, type StartedProcess } from './home.ts';

/** A step of start or stop that failed in a way a person can mend; the message is the whole sentence to show. */
export class StartFault extends Error {
  override readonly name = 'StartFault';
}

/** A program that ended badly; it knows its last line, where our scripts say in one sentence what is wrong. */
export class RunFault extends StartFault {
  readonly lastLine: string;

  constructor(message: string, lastLine: string) {
    super(message);
    this.lastLine = lastLine;
  }
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Sees each line of output as it comes. */
  readonly onLine?: (line: string) => void;
}

/** Runs a program to its end; what it printed goes to `.novacron/start.log`. @throws RunFault with its last lines when it fails */
export const run = async (program: string, args: readonly string[], options: RunOptions = {}): Promise<string> => {
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = collect(child, options.onLine);
  const code = await exitOf(child, program);
  log(`$ ${program} ${args.join(' ')}\n${output.all()}`);
  if (code === 0) return output.stdout();
  const tail = output.all().trim().split('\n').slice(-6);
  throw new RunFault(
    `${program} ${args[0] ?? ''} failed (exit ${code}):\n  ${tail.join('\n  ')}\nThe whole log: ${inHome('start.log')}`,
    tail.at(-1) ?? '',
  );
};

/** Whether the program can be run at all. */
export const has = async (program: string): Promise<boolean> => {
  const child = spawn('sh', ['-c', 'command -v "$1"', 'sh', program], { stdio: 'ignore' });
  return (await exitOf(child, 'sh')) === 0;
};

const collect = (child: ChildProcess, onLine: ((line: string) => void) | undefined) => {
  const chunks: { out: boolean; text: string }[] = [];
  const take = (out: boolean) => (data: Buffer) => {
    const text = data.toString();
    chunks.push({ out, text });
    for (const line of text.split('\n')) if (line.trim() && onLine) onLine(line.trim());
  };
  child.stdout?.on('data', take(true));
  child.stderr?.on('data', take(false));
  return {
    stdout: () =>
      chunks
        .filter((chunk) => chunk.out)
        .map((chunk) => chunk.text)
        .join(''),
    all: () => chunks.map((chunk) => chunk.text).join(''),
  };
};

const exitOf = (child: ChildProcess, program: string): Promise<number | null> =>
  new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(new StartFault(error.code === 'ENOENT' ? `${program} is not installed.` : `${program}: ${error.message}`)),
    );
    child.once('close', resolve);
  });

/** The line of an enrolment holds a token and an activation code, which are for the host alone. */
const withoutSecrets = (text: string): string =>
  text.replace(/\bnc_[\w-]+/g, 'nc_…').replace(/(--activation-code )\S+/g, '$1…');

/** Appends to the log of starts and stops. */
export const log = (text: string): void => {
  mkdirSync(inHome(), { recursive: true });
  const line = `${new Date().toISOString()} ${withoutSecrets(text.trimEnd())}\n`;
  appendFileSync(inHome('start.log'), line, { mode: 0o600 });
};

/** Field 22 of /proc/<pid>/stat: with the pid it names one process for ever. */
const startTimeOf = (pid: number): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined; // no such process: that is the answer
  }
};

export const identify = (pid: number): StartedProcess => ({ pid, startTime: startTimeOf(pid) ?? 'gone' });

/** Whether that very process still runs. */
export const isAlive = (started: StartedProcess | undefined): started is StartedProcess =>
  started !== undefined && startTimeOf(started.pid) === started.startTime;

/** Ends that very process: asks, waits up to `seconds`, then kills. Nothing happens to a stranger with its pid. */
export const end = async (started: StartedProcess | undefined, seconds = 15): Promise<void> => {
  if (!isAlive(started)) return;
  process.kill(started.pid, 'SIGTERM');
  for (let waited = 0; waited < seconds * 10; waited += 1) {
    if (!isAlive(started)) return;
    await sleep(100);
  }
  if (isAlive(started)) process.kill(started.pid, 'SIGKILL');
};
