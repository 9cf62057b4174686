import { describe, expect, it } from 'vitest';
import { type Play, run } from './interpreter.ts';
import { machineOf } from './machines.ts';

const INPUT = { operationId: 'op-1', graceSeconds: 60, readyTimeoutSeconds: 300, fault: { Error: 'States.Timeout' } };

const well: Play = () => ({ result: { detail: 'well' } });

/** Where the provider watches no readiness, the first step says that it is ready. */
const readyAtOnce: Play = () => ({ result: { ready: { status: 'true' } } });

/** Fails the named state by this error, each time it is called. */
const failing =
  (state: string, error: string): Play =>
  (name) =>
    name === state ? { error, cause: 'as told' } : { result: {} };

/** The budget of design.md: at most five on a clean run; nine on a failing path. These are where hosts watch for readiness. */
const CLEAN: Readonly<Record<string, number>> = {
  'create-vm': 4,
  'start-vm': 4,
  'stop-vm': 2,
  'reboot-vm': 4,
  'reset-vm': 3,
  'delete-vm': 2,
  'undelete-vm': 2,
  'enrol-host': 3,
  'undo-operation': 2,
};

describe('transitions', () => {
  it.each(Object.entries(CLEAN))('%s takes %i on a clean run', async (kind, transitions) => {
    expect(await run(machineOf(kind), INPUT, well)).toMatchObject({ status: 'SUCCEEDED', transitions });
  });

  it.each([
    ['create-vm', ['Launch', 'Skip If Ready', 'Record']],
    ['start-vm', ['Start', 'Skip If Ready', 'Record']],
    ['reboot-vm', ['Reboot', 'Skip If Ready', 'Record']],
  ])('%s waits for nothing more where running means ready: %j', async (kind, path) => {
    const went = await run(machineOf(kind), INPUT, readyAtOnce);
    expect(went).toMatchObject({ status: 'SUCCEEDED', path, transitions: 3 });
  });

  it.each([
    ['create-vm', 'Launch', 'SpecRefused', ['Launch', 'Undo Launch', 'Record Failure', 'Failed']],
    ['create-vm', 'Launch', 'States.Timeout', ['Launch', 'Undo Launch', 'Record Failure', 'Failed']],
    [
      'create-vm',
      'Await Ready',
      'Cancelled',
      ['Launch', 'Skip If Ready', 'Await Ready', 'Undo Launch', 'Record Failure', 'Failed'],
    ],
    [
      'create-vm',
      'Record',
      'Internal',
      ['Launch', 'Skip If Ready', 'Await Ready', 'Record', 'Undo Launch', 'Record Failure', 'Failed'],
    ],
    ['start-vm', 'Start', 'VmLost', ['Start', 'Record Failure', 'Failed']],
    ['stop-vm', 'Ask To Stop', 'Cancelled', ['Ask To Stop', 'Record Failure', 'Failed']],
    ['reboot-vm', 'Reboot', 'HostFault', ['Reboot', 'Record Failure', 'Failed']],
    ['reset-vm', 'Reset', 'CapabilityMissing', ['Reset', 'Record Failure', 'Failed']],
    ['delete-vm', 'Remove', 'ProviderDenied', ['Remove', 'Record Failure', 'Failed']],
    ['undelete-vm', 'Restore Definition', 'DiskFull', ['Restore Definition', 'Record Failure', 'Failed']],
    ['enrol-host', 'Prepare Host', 'EnrolmentRefused', ['Is It New', 'Prepare Host', 'Record Failure', 'Failed']],
  ])('%s whose %s fails by %s goes %j', async (kind, state, error, path) => {
    const went = await run(machineOf(kind), INPUT, failing(state, error));
    expect(went).toMatchObject({ status: 'FAILED', path, error, transitions: path.length });
    expect(went.payloads.get('Record Failure')).toMatchObject({ fault: { Error: error, Cause: 'as told' } });
    expect(went.transitions).toBeLessThanOrEqual(9);
  });

  it('a host that is taken anew is proved and moved before it is prepared', async () => {
    const path = ['Is It New', 'Prove Host', 'Take Over', 'Prepare Host', 'Record'];
    const proof = { nodeId: 'mi-2', link: 'b' };
    const went = await run(machineOf('enrol-host'), { ...INPUT, anew: true }, () => ({ result: { proof } }));
    expect(went).toMatchObject({ status: 'SUCCEEDED', path, transitions: 5 });
    expect(went.payloads.get('Take Over')).toMatchObject({ proof });
  });

  it.each([
    ['Prove Host', ['Is It New', 'Prove Host']],
    ['Take Over', ['Is It New', 'Prove Host', 'Take Over']],
  ])('a machine that is another by %s is not prepared', async (state, before) => {
    const play: Play = (name) =>
      name === state ? { error: 'HostIsAnother', cause: 'as told' } : { result: { proof: { nodeId: 'mi-2' } } };
    const went = await run(machineOf('enrol-host'), { ...INPUT, anew: true }, play);
    expect(went).toMatchObject({
      status: 'FAILED',
      path: [...before, 'Record Failure', 'Failed'],
      error: 'HostIsAnother',
    });
  });

  it('retries what may help four times, then undoes', async () => {
    const went = await run(machineOf('create-vm'), INPUT, failing('Launch', 'CapacityUnavailable'));
    expect(went).toMatchObject({ status: 'FAILED', transitions: 8, error: 'CapacityUnavailable' });
  });

  it.each(['GraceOver', 'States.Timeout'])('pulls the plug where a guest does not stop (%s)', async (error) => {
    const went = await run(machineOf('stop-vm'), INPUT, failing('Ask To Stop', error));
    expect(went).toMatchObject({ status: 'SUCCEEDED', path: ['Ask To Stop', 'Pull The Plug', 'Record'] });
  });

  it.each(['create-vm', 'start-vm', 'reboot-vm', 'reset-vm'])(
    '%s of a VM that is not ready in time goes well, and says so',
    async (kind) => {
      const went = await run(machineOf(kind), INPUT, failing('Await Ready', 'States.Timeout'));
      expect(went.status).toBe('SUCCEEDED');
      expect(went.payloads.get('Record')).toMatchObject({ outcome: { unready: expect.any(String) } });
    },
  );

  it('records what the steps put out, the later one over the earlier', async () => {
    const play: Play = (name) => ({
      result: name === 'Launch' ? { observed: { state: 'running' } } : { ready: { status: 'true' } },
    });
    const went = await run(machineOf('create-vm'), INPUT, play);
    expect(went.payloads.get('Record')).toMatchObject({
      outcome: { observed: { state: 'running' }, ready: { status: 'true' } },
    });
  });

  it('tells Record Failure why a create could not be undone', async () => {
    const play: Play = (name) => (name === 'Record Failure' ? { result: {} } : { error: 'HostUnreachable' });
    const went = await run(machineOf('create-vm'), INPUT, play);
    expect(went.payloads.get('Record Failure')).toMatchObject({ trouble: { Error: 'HostUnreachable' }, undone: false });
  });

  it('hands each step its operation, its name and its token', async () => {
    const went = await run(machineOf('stop-vm'), INPUT, failing('Ask To Stop', 'GraceOver'));
    expect(went.payloads.get('Pull The Plug')).toEqual({
      execution: INPUT,
      step: 'Pull The Plug',
      token: expect.stringMatching(/^token-\d+-2$/),
    });
  });
});
