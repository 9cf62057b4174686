import * as z from 'zod';
import type { SilenceRow } from '../domain/alerts/silence-row.ts';
import { ProjectId } from '../domain/project.ts';
import { type OurEvent, publish } from './bus.ts';

/** That a silence is to be looked at. The row says whether it is still: a stale one is a no-op. */
export const SilenceDue = z.object({ project: ProjectId, silenceId: z.string() });

/** "Silence Due" of our own bus. */
export const silenceDueEvent = ({ project, id, lookAt }: Pick<SilenceRow, 'project' | 'id' | 'lookAt'>): OurEvent => ({
  noun: 'alert',
  type: 'Silence Due',
  id: `${project}:${id}:${lookAt}`,
  detail: { project, silenceId: id },
});

/** Lets silences be looked at whose end may have to be told. */
export const wakeSilences = async (due: readonly SilenceRow[]): Promise<void> => {
  for (const silence of due) await publish(silenceDueEvent(silence));
};
