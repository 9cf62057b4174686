import { createHash } from 'node:crypto';
import type { AlertGroup, Failing } from '../domain/alerts/alert-group.ts';
import { projectOption } from '../domain/project.ts';
import { handOut } from './hand-out.ts';
import type { Notice } from './notice.ts';

/** What does not take a word for so long does not just start anew. */
const PATIENCE_MS = 600_000;

const HOUR_MS = 3_600_000;

/** The same for all groups of one way within an hour, so that people hear of it once. */
const idOf = (project: string, key: string, now: number): string =>
  `down-${createHash('sha256')
    .update(`${project}\n${key}\n${Math.floor(now / HOUR_MS)}`)
    .digest('hex')
    .slice(0, 32)}`;

/** What people are told of a receiver that cannot be told. */
const noticeOfDown = (project: string, key: string, { why, since }: Failing, now: number): Notice => {
  const of = projectOption(project);
  return {
    id: idOf(project, key, now),
    about: `${project}/${key}`,
    severity: 'warning',
    title: `Alerts do not reach ${key}`,
    facts: [
      ['Why', why],
      ['Since', since],
      ['Project', project],
    ],
    advice: [
      `How it goes with all of them: novacron channel list${of}`,
      `What it was not told: novacron alert list --receiver ${key.slice(0, key.lastIndexOf('/'))}${of}; it is told once it answers.`,
    ],
    links: [{ label: 'Runbook', url: 'https://novacron.dev/runbook#alerts' }],
  };
};

/** Tells all channels of ways that have not taken a group's word for ten minutes, once an hour each. */
export const tellOfDown = async ({ project, failing = {} }: AlertGroup, now: number): Promise<void> => {
  for (const [key, each] of Object.entries(failing)) {
    if (now - Date.parse(each.since) >= PATIENCE_MS) await handOut(noticeOfDown(project, key, each, now));
  }
};
