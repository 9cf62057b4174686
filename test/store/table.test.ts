import { beforeAll, describe } from 'vitest';
import { StateTable } from '../support/state-table.ts';
import { tableContract } from '../support/table-contract.ts';

describe('the double of the state table', () => {
  beforeAll(() => {
    new StateTable();
  });
  tableContract(() => import('../../lambdas/store/table.ts'));
});
