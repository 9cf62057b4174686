import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { CLOSED } from '../local/asked-vms.ts';
import { access, api, eventually, plane } from '../local/plane.ts';
import { type AwsProxy, startAwsProxy } from '../support/aws-proxy.ts';
import { SEED } from '../support/cases.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { reroute } from '../support/rerouted.ts';

/** What the plane's functions call. */
export const AWS = `http://127.0.0.1:${plane.port}`;

type FaultProxy = Awaited<ReturnType<typeof startFaultProxy>>;

/** A fault proxy between the functions of the plane and its AWS for one suite. `dropTokens`: an EC2 that knows no ClientToken. */
export const usingFaultProxy = ({ dropTokens = false } = {}): (() => FaultProxy) => {
  let proxy: FaultProxy | undefined;
  let behind: AwsProxy | undefined;
  let back: (() => Promise<void>) | undefined;
  beforeAll(async () => {
    behind = dropTokens ? await startAwsProxy({ target: AWS, dropTokens }) : undefined;
    proxy = await startFaultProxy(behind?.url ?? AWS, SEED);
    back = await reroute(AWS, access.installation, proxy.url);
  });
  // A test that failed must not leave its faults to the next one, or to the audit.
  afterEach(() => proxy?.mend().catch(() => undefined));
  afterAll(async () => {
    await back?.();
    proxy?.close();
    await behind?.close();
  });
  return () => {
    if (!proxy) throw new Error('the fault proxy runs within tests only');
    return proxy;
  };
};

export interface OperationView {
  readonly id: string;
  readonly state: string;
  readonly vmId: string;
  readonly error?: { readonly name: string; readonly detail: string };
}

/** What the API answers while AWS is not well: the truth about itself, and never that the caller was too fast. */
const PATIENCE = [202, 503];

/** Asks until it is accepted, by one key, as every honest client does. */
export const ask = async (method: string, path: string, body?: unknown): Promise<OperationView> => {
  const key = { 'idempotency-key': randomUUID() };
  for (;;) {
    const reply = await api(method, path, body, key);
    expect(PATIENCE, JSON.stringify(reply.json)).toContain(reply.status);
    if (reply.status === 202) return reply.json;
    await new Promise((wake) => setTimeout(wake, 300));
  }
};

/** Waits for the end of an operation, which must be a good one; a message that fails comes again after a minute. */
export const succeeds = async ({ id }: OperationView, seconds = 400): Promise<void> => {
  const ended = await eventually(`${id} ends`, seconds, async () => {
    const { status, json } = await api('GET', `/v1/operations/${id}`);
    return status === 200 && CLOSED.includes(json.state) ? json : undefined;
  });
  expect(ended.error).toBeUndefined();
  expect(ended.state).toBe('succeeded');
};
