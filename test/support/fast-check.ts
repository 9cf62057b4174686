import fc from '../../node_modules/fast-check/lib/fast-check.js';
import { SEED } from './cases.ts';

/**
 * What `fast-check` is to the tests (vitest.config.ts): its properties go from the seed of all others, where each run had one of
 * its own. One that fails prints seed and path of its case.
 */
fc.configureGlobal({ seed: SEED });

export * from '../../node_modules/fast-check/lib/fast-check.js';
export default fc;
