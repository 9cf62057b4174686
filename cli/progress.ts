import type { Operation } from './api.ts';
import type { Io } from './io.ts';
import { type Paint, paintFor } from './paint.ts';
import { padTo } from './table.ts';
import { span, timeOfDay } from './times.ts';

const VERBS: Readonly<Record<Operation['kind'], string>> = {
  'create-vm': 'Create',
  'start-vm': 'Start',
  'stop-vm': 'Stop',
  'reboot-vm': 'Reboot',
  'reset-vm': 'Reset',
  'delete-vm': 'Delete',
  'undelete-vm': 'Undelete',
  'enrol-host': 'Enrol',
};

/** What an operation is about, for a person: its VM's or host's name, else its id. */
export const subjectOf = (operation: Operation): string => operation.vmName ?? operation.hostId ?? operation.id;

/** `Create web-1`. */
export const titleOf = (operation: Operation): string => `${VERBS[operation.kind]} ${subjectOf(operation)}`;

type Step = Operation['steps'][number];

const MARKS = {
  pending: ['·', 'dim'],
  running: ['›', 'cyan'],
  succeeded: ['✔', 'green'],
  failed: ['✖', 'red'],
  skipped: ['–', 'dim'],
} as const satisfies Record<Step['state'], unknown>;

/** How long a step took, or has taken up to `now`. */
const timeOf = ({ startedAt, endedAt }: Step, now: string): string =>
  startedAt === undefined ? '' : span(startedAt, endedAt ?? now);

/** The steps as lines, marks and times in columns; those not begun are dim. */
export const stepLines = ({ steps }: Operation, paint: Paint, now: string): string[] => {
  const width = Math.max(0, ...steps.map(({ name }) => name.length));
  return steps.map((step) => {
    const [mark, style] = MARKS[step.state];
    const text = `${padTo(step.name, width)}  ${timeOf(step, now).padStart(6)}  ${step.detail ?? ''}`.trimEnd();
    return `${paint(style, mark)} ${step.state === 'pending' ? paint(style, text) : text}`;
  });
};

/** Where the way of operations is told: `show` on each change, `end` once none is watched any more. */
export interface Progress {
  show(operation: Operation): void;
  end(): Promise<void>;
}

/** One line per step change with the time, for logs and pipes. */
export const plainProgress = (io: Io): Progress => {
  const told = new Map<string, Pick<Step, 'state' | 'detail'>>();
  const paint = paintFor(io.stderr, io.env);
  const say = (at: string, operation: Operation, text: string): void =>
    void io.stderr.write(`${timeOfDay(at)} ${titleOf(operation)}: ${text}\n`);
  const lineOf = (step: Step, at: string): string => {
    const time = step.endedAt === undefined ? '' : ` (${timeOf(step, at)})`;
    return `${step.name} ${paint(MARKS[step.state][1], step.state)}${time}`;
  };
  return {
    show(operation) {
      for (const step of operation.steps) {
        const key = `${operation.id} ${step.name} ${step.startedAt ?? ''}`;
        const before = told.get(key);
        const isKnown = before?.state === step.state;
        if (step.state === 'pending' || (isKnown && before.detail === step.detail)) continue;
        told.set(key, step);
        const at = step.endedAt ?? step.startedAt ?? new Date().toISOString();
        const detail = step.detail === undefined ? '' : `: ${step.detail}`;
        say(at, operation, `${isKnown ? step.name : lineOf(step, at)}${detail}`);
      }
    },
    async end() {},
  };
};
