import { PROJECTS } from './projects-routes.ts';
import { serve } from './stack.ts';

/** Projects and tokens: no workflow follows what is written here. */
export const handler = serve(PROJECTS);
