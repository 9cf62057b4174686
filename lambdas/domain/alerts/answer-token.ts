import { hmac, isSigned } from '../hmac.ts';
import { isResolvedAt } from './alert.ts';
import type { AlertRow } from './alert-row.ts';

/**
 * What whoever was told of alerts may answer with, and nobody else: a text that names these alerts, signed by the plane. It can be
 * used until its end, and for nothing but what it names. It stands in URLs, and is kept below 2,000 characters for them.
 */

/** An alert as it was told. */
export interface Named {
  readonly fingerprint: string;
  /** ms since the epoch: once it has begun anew, it is another. */
  readonly startsAt: number;
}

/** What a token says. */
export interface Answerable {
  readonly project: string;
  /** The id of the group that was told of. */
  readonly group: string;
  /** Who was told of it, in words. */
  readonly channel: string;
  /** Those that fired, as many as a token has room for. */
  readonly alerts: readonly Named[];
  /** How many fired beside them. */
  readonly more: number;
  /** ms since the epoch. */
  readonly expiresAt: number;
}

/** What a token has room for. */
const MOST_ALERTS = 80;
const LONGEST_CHANNEL_BYTES = 80;
const LASTS_MS = 86_400_000;

/** An alert in a token: 8 bytes of its fingerprint, 6 of its beginning. */
const FINGERPRINT_BYTES = 8;
const TIME_BYTES = 6;
const ALERT_BYTES = FINGERPRINT_BYTES + TIME_BYTES;
const LATEST = 2 ** 47 - 1;

const base64url = (bytes: Buffer): string => bytes.toString('base64url');

const packed = (alerts: readonly Named[]): Buffer => {
  const bytes = Buffer.alloc(alerts.length * ALERT_BYTES);
  for (const [index, { fingerprint, startsAt }] of alerts.entries()) {
    bytes.write(fingerprint, index * ALERT_BYTES, FINGERPRINT_BYTES, 'hex');
    bytes.writeIntBE(Math.min(startsAt, LATEST), index * ALERT_BYTES + FINGERPRINT_BYTES, TIME_BYTES);
  }
  return bytes;
};

const unpacked = (bytes: Buffer): Named[] =>
  Array.from({ length: bytes.length / ALERT_BYTES }, (_, index) => {
    const at = index * ALERT_BYTES;
    return {
      fingerprint: bytes.toString('hex', at, at + FINGERPRINT_BYTES),
      startsAt: bytes.readIntBE(at + FINGERPRINT_BYTES, TIME_BYTES),
    };
  });

/** What is to be answered of a word about a group: undefined where nothing of it fires. */
export const answerableOf = (
  group: { readonly id: string; readonly project: string },
  channel: string,
  alerts: readonly Pick<AlertRow, 'fingerprint' | 'startsAt' | 'endsAt'>[],
  at: number,
  most = MOST_ALERTS,
): Answerable | undefined => {
  const firing = alerts.filter((alert) => !isResolvedAt(alert, at));
  if (firing.length === 0) return undefined;
  const named = firing.slice(0, most);
  return {
    project: group.project,
    group: group.id,
    channel,
    alerts: named.map(({ fingerprint, startsAt }) => ({ fingerprint, startsAt: Date.parse(startsAt) })),
    more: firing.length - named.length,
    expiresAt: at + LASTS_MS,
  };
};

/** As much of it as a token has room for; a character that was cut through is left out. */
const cutChannel = (channel: string): string =>
  Buffer.from(channel)
    .subarray(0, LONGEST_CHANNEL_BYTES)
    .toString()
    .replace(/\uFFFD$/, '');

/** Whether it was sent to this channel. */
export const isSentTo = ({ channel: to }: Answerable, channel: string): boolean => to === cutChannel(channel);

/** Its parts are of letters that a URL takes as they are, and a dot stands between them. */
export const answerToken = ({ project, group, channel, alerts, more, expiresAt }: Answerable, key: string): string => {
  const numbers = [more, Math.floor(expiresAt / 1_000)].map((number) => number.toString(36));
  const text = [
    project,
    group,
    base64url(Buffer.from(cutChannel(channel))),
    ...numbers,
    base64url(packed(alerts)),
  ].join('.');
  return `${text}.${base64url(hmac(text, key))}`;
};

/** Seven parts; more than any of ours is refused unread. */
const SHAPE = /^([\w-]{1,63})\.([\w-]{1,64})\.([\w-]{0,120})\.(\w{1,11})\.(\w{1,11})\.([\w-]{1,1600})\.([\w-]{43})$/;

/** What a token says; undefined where it is not one of ours, or not as we made it. */
export const answerableBy = (token: string, key: string): Answerable | undefined => {
  const [, project = '', group = '', channel = '', more = '', seconds = '', alerts = '', signature = ''] =
    SHAPE.exec(token) ?? [];
  const right = hmac(token.slice(0, -signature.length - 1), key);
  // Of the texts that one signature can be written as, one is ours.
  const given = Buffer.from(signature, 'base64url');
  if (!isSigned(given, right) || base64url(given) !== signature) return undefined;
  return {
    project,
    group,
    channel: Buffer.from(channel, 'base64url').toString(),
    alerts: unpacked(Buffer.from(alerts, 'base64url')),
    more: Number.parseInt(more, 36),
    expiresAt: Number.parseInt(seconds, 36) * 1_000,
  };
};

/** Whether an alert that is there now is one that was told, or has begun earlier than was known then. */
export const isTheOne = (row: Pick<AlertRow, 'startsAt'>, { startsAt }: Named): boolean =>
  Date.parse(row.startsAt) <= startsAt;
