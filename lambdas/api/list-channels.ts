import * as z from 'zod';
import { routingOf } from '../alerting/routing.ts';
import { channelHealth } from '../domain/alerts/channel-health.ts';
import { Instant } from '../domain/ids.ts';
import * as groups from '../store/alert-groups.ts';
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
    const [{ config, undelivered }, all] = await Promise.all([routingOf(by.project), groups.allOf(by.project)]);
    return { status: 200, body: { items: channelHealth(config, undelivered, all) } };
  },
});
