import { createHmac, timingSafeEqual } from 'node:crypto';

/** The HMAC-SHA256 of a text (RFC 2104). */
export const hmac = (text: string, key: string): Buffer => createHmac('sha256', key).update(text).digest();

/** Whether a signature is the right one, found out in the same time wherever it differs. */
export const isSigned = (given: Buffer, right: Buffer): boolean =>
  given.length === right.length && timingSafeEqual(given, right);
