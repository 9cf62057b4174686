import * as z from 'zod';

/** In what a VM can be: by itself, for those who know nothing else of VMs. */
export const VmState = z.enum([
  'pending',
  'running',
  'stopping',
  'stopped',
  'suspended',
  'saved',
  'migrating',
  'deleting',
  'deleted',
  'error',
  'lost',
  'unknown',
]);
export type VmState = z.infer<typeof VmState>;

/** Off, whether its memory is kept or not. */
export const isOff = (state: VmState): boolean => state === 'stopped' || state === 'saved';
