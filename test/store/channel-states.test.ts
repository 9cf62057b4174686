import { beforeAll, describe } from 'vitest';
import { channelStatesContract } from '../support/channel-states-contract.ts';
import { StateTable } from '../support/state-table.ts';

describe('states of channels, in the double of the telemetry table,', () => {
  beforeAll(() => {
    new StateTable();
  });
  channelStatesContract(() => import('../../lambdas/store/channel-states.ts'));
});
