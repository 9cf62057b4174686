import * as z from 'zod';

/** Path of an alert: Alertmanager's fingerprint. */
export const AlertPath = z.strictObject({ id: z.string().regex(/^[0-9a-f]{16}$/, 'a fingerprint: 16 hex digits') });
