import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { INSTALL_SCRIPT } from '../../lambdas/domain/install-script.ts';

test('the script that the API hands out is the one that is linted and read', () => {
  expect(INSTALL_SCRIPT).toBe(readFileSync('ssm-documents/host-unit/install.sh', 'utf8'));
});
