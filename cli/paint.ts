import { styleText } from 'node:util';
import type { Io, Output } from './io.ts';

type Style = Parameters<typeof styleText>[0];

/** Colours text for one output; without a terminal, or with NO_COLOR, leaves it alone. */
export type Paint = (style: Style, text: string) => string;

/** https://no-color.org: any non-empty NO_COLOR; `TERM=dumb` has no colours; FORCE_COLOR is for CI logs that show them. */
export const paintFor = (output: Output, env: Io['env']): Paint => {
  const forced = (env.FORCE_COLOR ?? '') !== '' && env.FORCE_COLOR !== '0';
  const wanted = !env.NO_COLOR && env.TERM !== 'dumb' && (forced || output.isTTY === true);
  return wanted ? (style, text) => styleText(style, text, { validateStream: false }) : (_style, text) => text;
};

const GOOD = new Set(['running', 'ready', 'succeeded', 'true', 'ok', 'yes']);
const BAD = new Set(['error', 'lost', 'failed', 'needs-attention', 'unreachable', 'false']);
const MOVING = new Set([
  'pending',
  'stopping',
  'deleting',
  'migrating',
  'queued',
  'cancelling',
  'undo-pending',
  'enrolling',
  'draining',
  'unknown',
]);

/** The colour of a state, the same one for every noun. */
export const styleOf = (state: string): Style => {
  if (GOOD.has(state)) return 'green';
  if (BAD.has(state)) return 'red';
  return MOVING.has(state) ? 'yellow' : 'dim';
};
