import { CHANNELS } from './channels-routes.ts';
import { serve } from './stack.ts';

/** The ways by which receivers of alerts are told. */
export const handler = serve(CHANNELS);
