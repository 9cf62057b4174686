import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import * as z from 'zod';

const Figures = z.object({
  rounds: z.number(),
  medianMs: z.record(z.string(), z.number()),
  ratio: z.record(z.string(), z.number()),
  minMaxMs: z.record(z.string(), z.array(z.number())),
});

/** The host's part of a create beside virsh and virt-install on a real libvirt, or why that could not be measured. */
export const hostFigures = (rounds: number): z.infer<typeof Figures> | { skipped: string } => {
  if (process.getuid?.() !== 0) return { skipped: 'making a host needs root' };
  const script = join(import.meta.dirname, 'host-create.py');
  const { status, stdout, stderr } = spawnSync('python3', [script, String(rounds)], { encoding: 'utf8' });
  const last = stdout?.trim().split('\n').at(-1) ?? '';
  return status === 0 ? Figures.parse(JSON.parse(last)) : { skipped: (stderr ?? '').trim().slice(-300) };
};
