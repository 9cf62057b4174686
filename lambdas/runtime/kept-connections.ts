import { Agent as HttpAgent, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Net } from './outside.ts';

/** Many servers close what is idle for five seconds (Node's do); whoever writes to one that is closing learns nothing of his word. */
const IDLE_MS = 2_000;

interface Kept {
  readonly agents: Readonly<Record<string, HttpAgent>>;
  usedAt: number;
}

const made = (): Kept['agents'] => {
  const options = { keepAlive: true, timeout: IDLE_MS };
  return { 'http:': new HttpAgent(options), 'https:': new HttpsAgent(options) };
};

/** A connection is of the net that looked at its address: none is used where another would refuse it. */
const byNet = new WeakMap<Net, Kept>();

/**
 * Connections to whom was spoken to a moment ago, each to the address that was looked at when it was made. A function that stood
 * still begins with new ones: its own have been closed by the other side.
 */
export const connectionsOf = (net: Net, protocol: string): RequestOptions['agent'] => {
  const now = Date.now();
  const before = byNet.get(net);
  const kept = before && now - before.usedAt < IDLE_MS ? before : { agents: made(), usedAt: now };
  kept.usedAt = now;
  byNet.set(net, kept);
  return kept.agents[protocol];
};
