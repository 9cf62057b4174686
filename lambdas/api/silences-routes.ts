import { expireSilence } from './expire-silence.ts';
import { getRouting } from './get-routing.ts';
import { getSilence } from './get-silence.ts';
import { listSilences } from './list-silences.ts';
import { postSilence } from './post-silence.ts';
import type { Route } from './route.ts';
import { saveRouting } from './save-routing.ts';
import { testRouting } from './test-routing.ts';

/** Which alerts are kept quiet, and how the others find their receivers. */
export const SILENCES: readonly Route[] = [
  listSilences,
  postSilence,
  getSilence,
  expireSilence,
  getRouting,
  saveRouting,
  testRouting,
];
