import * as z from 'zod';

/** Path of a silence: Alertmanager's ids are UUIDs. */
export const SilencePath = z.strictObject({ id: z.uuid() });
