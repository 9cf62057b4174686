import * as z from 'zod';

/** The installation's own channels: its alert topic, and its Slack webhook. */
export const ChannelName = z.enum(['topic', 'slack']);
export type ChannelName = z.infer<typeof ChannelName>;

/** What became of notices that a channel was given together. */
export interface Course {
  /** One went out. */
  readonly isSent?: true;
  /** Why one will never be taken. */
  readonly refused?: string;
  /** Why one, and all behind it, wait. */
  readonly failing?: string;
}

/** How it goes behind the queue of a channel of the installation; times are Instants. */
export interface ChannelState {
  /** When a notice last went out. */
  readonly lastSentAt?: string;
  /** Since when the channel has taken nothing, and why not the last. */
  readonly failing?: { readonly since: string; readonly why: string };
  /** The last notice that it will never take, and why. */
  readonly refused?: { readonly at: string; readonly why: string };
}
