import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import * as z from 'zod';
import { startFleet } from './fleet-server.ts';

const Walk = z.object({
  vms: z.number(),
  pages: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  allMs: z.number(),
});

/** Pages of 100 of a large fleet by the API's own code in one process: of all VMs, and of those that a filter leaves. */
export const pageFigures = async (size: number): Promise<Record<string, z.infer<typeof Walk>>> => {
  const fleet = await startFleet(size);
  try {
    const script = join(import.meta.dirname, 'list-once.ts');
    const told = execFileSync(process.execPath, [script], { env: fleet.env, encoding: 'utf8' });
    return z.record(z.string(), Walk).parse(JSON.parse(told));
  } finally {
    fleet.stop();
  }
};
