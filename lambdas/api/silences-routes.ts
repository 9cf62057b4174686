import { createSilence } from './create-silence.ts';
import { endSilence } from './end-silence.ts';
import { expireSilence } from './expire-silence.ts';
import { getRouting } from './get-routing.ts';
import { getSilence } from './get-silence.ts';
import { listAllSilences } from './list-all-silences.ts';
import { listSilences } from './list-silences.ts';
import { patchSilence } from './patch-silence.ts';
import { postSilence } from './post-silence.ts';
import type { Route } from './route.ts';
import { saveRouting } from './save-routing.ts';
import { showSilence } from './show-silence.ts';

/** Which alerts are kept quiet, and how the others find their receivers. */
export const SILENCES: readonly Route[] = [
  listSilences,
  postSilence,
  getSilence,
  expireSilence,
  listAllSilences,
  createSilence,
  showSilence,
  patchSilence,
  endSilence,
  getRouting,
  saveRouting,
];
