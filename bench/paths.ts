import { join } from 'node:path';
import { ROOT } from '../lib/bundles.ts';

/** Where the bundle of a function lies once it was made. */
export const pathOf = (entry: string): string =>
  join(ROOT, '.novacron/bundles', entry.replaceAll('/', '-'), 'index.js');
