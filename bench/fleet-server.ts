import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import * as z from 'zod';
import { ACCOUNT, INSTALLATION, REGION } from './fleet-place.ts';
import { environment } from './functions.ts';

/** A fleet that answers, and how to speak to it. */
export interface FleetServer {
  readonly size: number;
  /** What a function needs to find it. */
  readonly env: Record<string, string | undefined>;
  /** Every row as it was, one of `every` instances changed. @returns the calls since the last time, by name */
  readonly reset: (every: number) => Promise<Record<string, number>>;
  readonly stop: () => void;
}

/** Starts bench/fleet.ts with so many VMs. */
export const startFleet = async (size: number): Promise<FleetServer> => {
  const script = join(import.meta.dirname, 'fleet.ts');
  const server = spawn(process.execPath, [script, String(size)], {
    env: environment,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(server.stdout, 'data');
  const endpoint = `http://127.0.0.1:${String(line).trim()}`;
  const own = { INSTALLATION, ACCOUNT, AWS_REGION: REGION, REGIONS: REGION, AWS_ENDPOINT_URL: endpoint };
  return {
    size,
    env: { ...environment, ...own, POWERTOOLS_LOG_LEVEL: 'SILENT', POWERTOOLS_METRICS_DISABLED: 'true' },
    reset: async (every) => {
      const reply = await fetch(`${endpoint}/reset`, { method: 'POST', body: String(every) });
      return z.record(z.string(), z.number()).parse(await reply.json());
    },
    stop: () => server.stdin.end(),
  };
};
