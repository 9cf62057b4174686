import type { AlertRow } from '../domain/alerts/alert-row.ts';
import { wakeToShow } from '../runtime/alert-wakes.ts';
import { placesOf } from './receive-alerts.ts';
import { type Routing, routingOf } from './routing.ts';

/** Whether a receiver has messages that are changed in place. */
const hasMessages = ({ config }: Routing, receiver: string): boolean =>
  config.receivers.some(
    ({ name, integrations }) => name === receiver && integrations.some(({ kind }) => kind === 'slack-bot'),
  );

/** Lets the messages that are changed in place show what a person did about alerts of a project, wherever they are told. */
export const showDeed = async (project: string, rows: readonly AlertRow[], deed: string): Promise<void> => {
  const routing = await routingOf(project);
  const shown = [...placesOf(routing, rows)].filter(([, { grouping }]) => hasMessages(routing, grouping.receiver));
  if (shown.length > 0)
    await wakeToShow(
      shown.map(([id]) => ({ id, project })),
      deed,
    );
};
