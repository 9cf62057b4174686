import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { plainProgress } from '../../cli/progress.ts';
import { operation } from './samples.ts';

const STARTED = '2026-11-25T14:00:00.000Z';
const ENDED = '2026-11-25T14:00:02.000Z';

const lines = () => {
  const told: string[] = [];
  const output = { write: (text: string) => told.push(text.trimEnd().replace(/^[\d:]+ /, '')) };
  const io = { env: {}, stdin: Readable.from([]), stdout: output, stderr: output };
  return { told, progress: plainProgress({ ...io, interrupted: new AbortController().signal }) };
};

it('tells each change of a step once, and of a step that was told only what came to be known since', () => {
  const { told, progress } = lines();
  const begun = operation({ kind: 'start-vm', vmName: 'web-1' });
  const [first, ...rest] = begun.steps;
  const changed = (step: Partial<(typeof begun.steps)[number]>) => ({
    ...begun,
    steps: [{ name: first?.name ?? '', state: 'pending' as const, ...step }, ...rest],
  });
  const ended = { state: 'succeeded' as const, startedAt: STARTED, endedAt: ENDED };
  progress.show(begun);
  progress.show(changed({ state: 'running', startedAt: STARTED }));
  progress.show(changed({ state: 'running', startedAt: STARTED }));
  progress.show(changed(ended));
  progress.show(changed({ ...ended, detail: 'booted' }));
  progress.show(changed({ ...ended, detail: 'booted' }));
  expect(told).toEqual([
    'Start web-1: Start running',
    'Start web-1: Start succeeded (2.0 s)',
    'Start web-1: Start: booted',
  ]);
});
