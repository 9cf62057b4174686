import { DeregisterManagedInstanceCommand, SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { applyReport } from '../../lambdas/runtime/apply-report.ts';
import { tendHosts } from '../../lambdas/schedules/tend-hosts.ts';
import * as hosts from '../../lambdas/store/hosts.ts';
import { AT, insertHost, newHost } from '../support/api.ts';
import { StateTable } from '../support/state-table.ts';
import { Workflows } from '../support/workflow.ts';

vi.mock('../../lambdas/runtime/providers.ts', () => import('../support/fake-providers.ts'));

const ssm = mockClient(SSMClient);
const NOW = '2026-11-25T12:00:00.000Z';
const SOON = '2026-11-25T12:05:00.000Z';
const ID = newHost().id;

let table: StateTable;
beforeEach(() => {
  table = new StateTable();
  new Workflows();
  ssm.reset();
  ssm.on(SendCommandCommand).resolves({ Command: { CommandId: 'c-1' } });
  ssm.on(DeregisterManagedInstanceCommand).resolves({});
});

const sent = () => ssm.commandCalls(SendCommandCommand).map(({ args: [{ input }] }) => input);
const outdated = (more = {}) => {
  const { facts, ...host } = newHost(more);
  return { ...host, ...(facts ? { facts: { ...facts, unitVersion: '0' } } : {}) };
};

describe('a unit of another version', () => {
  it('is upgraded once, by one document under its own fence, until it says that it is', async () => {
    await insertHost(outdated());
    await tendHosts(NOW);
    await tendHosts(SOON);
    const { upgrade } = await hosts.get(ID);
    expect(sent()).toMatchObject([
      {
        DocumentName: 'NovaCron-unit-UpgradeUnit',
        InstanceIds: [newHost().nodeId],
        Comment: `${upgrade?.operationId}#1`,
        Parameters: { NotAfter: ['2026-11-25T12:01:00.000Z'] },
      },
    ]);
    const told = (unitVersion: string, seq: number) => ({ unitVersion, seq, sentAt: NOW, events: [] });
    await applyReport(await hosts.withBeat(ID), told('0', 1), NOW);
    expect((await hosts.get(ID)).upgrade?.version).toBe('1');
    await applyReport(await hosts.withBeat(ID), told('1', 2), NOW);
    expect(await hosts.get(ID)).not.toHaveProperty('upgrade');
    await tendHosts('2026-11-26T12:00:00.000Z');
    expect(sent()).toHaveLength(1);
  });

  it('is asked again where the command was lost, with the next attempt', async () => {
    ssm
      .on(SendCommandCommand)
      .rejectsOnce(Object.assign(new Error('slow down'), { name: 'ThrottlingException' }))
      .resolves({ Command: { CommandId: 'c-2' } });
    await insertHost(outdated());
    await tendHosts(NOW);
    await tendHosts('2026-11-25T12:10:00.000Z');
    expect(sent().map(({ Comment }) => Comment?.slice(-2))).toEqual(['#1', '#2']);
  });

  it('waits for a beat that was written meanwhile', async () => {
    await insertHost(outdated());
    table.beforeWrite = () => {
      table.beforeWrite = () => undefined;
      const key = `host#${ID}\nhost`;
      table.rows.set(key, { ...table.rows.get(key), version: 7 });
    };
    await tendHosts(NOW);
    expect(sent()).toHaveLength(1);
    expect((await hosts.get(ID)).version).toBe(8);
  });
});

describe('a retired host', () => {
  it.each([
    ['loses its registration, once', AT, 1],
    ['is given time to end its unit', '2026-11-25T11:59:00.000Z', 0],
  ])('%s', async (_, changedAt, calls) => {
    await insertHost(outdated({ state: 'retired', changedAt }));
    await tendHosts(NOW);
    await tendHosts(NOW);
    expect(ssm.commandCalls(DeregisterManagedInstanceCommand)).toHaveLength(calls);
    expect((await hosts.get(ID)).nodeId).toBe(calls === 0 ? newHost().nodeId : undefined);
    expect(sent()).toEqual([]);
  });

  it('does not keep the others from being tended', async () => {
    ssm.on(DeregisterManagedInstanceCommand).rejects(Object.assign(new Error('no'), { name: 'AccessDeniedException' }));
    await insertHost(newHost({ id: 'h-0000000000000002', name: 'gone', state: 'retired' }));
    await insertHost(outdated());
    await tendHosts(NOW);
    expect(sent()).toHaveLength(1);
  });
});
