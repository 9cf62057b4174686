import * as z from 'zod';
import { routingOf } from '../alerting/routing.ts';
import { channelHealth } from '../domain/alerts/channel-health.ts';
import { Instant } from '../domain/ids.ts';
import * as groups from '../store/alert-groups.ts';
import { channelStates } from '../store/channel-states.ts';
import { route } from './route.ts';

const Channel = z
  .strictObject({
    receiver: z.string(),
    way: z.string(),
    lastToldAt: Instant.optional(),
    failing: z.strictObject({ groups: z.number().int(), since: Instant, why: z.string() }).optional(),
    /** Groups that it hears of in its next digest: it has been told enough for now. */
    held: z.strictObject({ groups: z.number().int(), since: Instant }).optional(),
    /** Why the texts of its last word could not be filled in: it was told in other words. */
    textsWrong: z.string().optional(),
    nowhere: z.string().optional(),
    /** Of a channel of the installation, which tells everybody by itself: how it goes behind its queue. */
    queue: z
      .strictObject({
        lastSentAt: Instant.optional(),
        failing: z.strictObject({ since: Instant, why: z.string() }).optional(),
        /** The last word that the channel will never take. */
        refused: z.strictObject({ at: Instant, why: z.string() }).optional(),
      })
      .optional(),
  })
  .meta({ id: 'Channel' });

/** GET /v1/channels */
export const listChannels = route({
  method: 'GET',
  path: '/v1/channels',
  action: 'list-channels',
  summary: "List the ways to the receivers of the project's routing, and how it goes with each",
  access: 'viewer',
  answers: { 200: z.strictObject({ items: z.array(Channel) }) },
  handler: async (_, { by }) => {
    const [{ config, undelivered }, all, states] = await Promise.all([
      routingOf(by.project),
      groups.allOf(by.project),
      channelStates(),
    ]);
    return { status: 200, body: { items: channelHealth(config, undelivered, all, states) } };
  },
});
