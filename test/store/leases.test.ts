import { beforeAll, describe } from 'vitest';
import { leaseContract } from '../support/lease-contract.ts';
import { StateTable } from '../support/state-table.ts';

describe('leases of requests, in the double of the telemetry table,', () => {
  beforeAll(() => {
    new StateTable();
  });
  leaseContract(() => import('../../lambdas/store/leases.ts'));
});
