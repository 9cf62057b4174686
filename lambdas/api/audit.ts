import { AUDIT } from './audit-routes.ts';
import { serve } from './stack.ts';

/** The audit log, its signed heads and the key they are checked by. */
export const handler = serve(AUDIT);
