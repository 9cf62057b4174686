import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What the one-line command of enrolment runs on a host, as root: makes it a managed node of Systems Manager. This file is
 * `#install-script` where Node runs the sources; in a function's bundle the script's own text stands there (lib/bundles.ts).
 */
export default readFileSync(join(import.meta.dirname, '../../ssm-documents/host-unit/install.sh'), 'utf8');
