import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { ensureVenv, VENV_PYTHON } from '../../../local/prerequisites.ts';

/** The embedded AWS is Python, and so are its tests; each file starts an emulator of its own, on a port of its own. */
const python = process.env.EMULATOR_PYTHON ?? VENV_PYTHON;
const suites = readdirSync(import.meta.dirname)
  .filter((name) => /^test_\w+\.py$/.test(name))
  .map((name) => name.replace('.py', ''));

const unittest = (suite: string): Promise<{ code: number | null; output: string }> =>
  new Promise((done, fail) => {
    const child = spawn(python, ['-m', 'unittest', '-v', suite], {
      cwd: import.meta.dirname,
      env: {
        PATH: process.env.PATH,
        PYTHONPATH: join(import.meta.dirname, '../../../local'),
        PYTHONDONTWRITEBYTECODE: '1',
      },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data) => {
        output += data;
      });
    }
    child.once('error', fail);
    child.once('close', (code) => done({ code, output }));
  });

/** Two at a time, for most of a suite is waiting; more would make the emulators late on two cores. */
const lanes = [0, 1].map((lane) => suites.filter((_, index) => index % 2 === lane));

beforeAll(async () => {
  if (!process.env.EMULATOR_PYTHON) await ensureVenv(() => {});
});

test.concurrent.each(lanes.map((lane) => [lane.join(', '), lane] as const))(
  '%s',
  async (_, lane) => {
    for (const suite of lane) {
      const { code, output } = await unittest(suite);
      expect(code, output).toBe(0);
    }
  },
  900_000,
);
