import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import * as z from 'zod';

const Figures = z.object({
  rounds: z.number(),
  medianMs: z.record(z.string(), z.number()),
  ratio: z.record(z.string(), z.number()),
  minMaxMs: z.record(z.string(), z.array(z.number())),
});
type HostFigures = z.infer<typeof Figures> | { skipped: string };

/** What one of the scripts here prints, or why it could not measure. */
const measured = (script: string, args: readonly string[]): HostFigures => {
  if (process.getuid?.() !== 0) return { skipped: 'making a host needs root' };
  const { status, stdout, stderr } = spawnSync('/usr/bin/python3', [join(import.meta.dirname, script), ...args], {
    encoding: 'utf8',
  });
  const last = stdout?.trim().split('\n').at(-1) ?? '';
  return status === 0 ? Figures.parse(JSON.parse(last)) : { skipped: (stderr ?? '').trim().slice(-300) };
};

/** The host's part of each verb beside virsh (and virt-install, for a create) on a real libvirt. */
export const hostFigures = (rounds: number): Record<string, HostFigures> => ({
  create: measured('host_create.py', [String(rounds)]),
  ...Object.fromEntries(
    ['start', 'stop', 'reset', 'reboot'].map((verb) => [verb, measured('host_power.py', [verb, String(rounds)])]),
  ),
});
