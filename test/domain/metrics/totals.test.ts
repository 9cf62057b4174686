import { describe, expect, it } from 'vitest';
import { type PlaneNow, totalsOf } from '../../../lambdas/domain/metrics/totals.ts';

const EMPTY: PlaneNow = { vms: [], hosts: [], latest: new Map(), alertsFiring: 0 };
const told = (plane: Partial<PlaneNow>) => totalsOf({ ...EMPTY, ...plane });
const vm = (state: PlaneNow['vms'][number]['state'], provider = 'kvm' as PlaneNow['vms'][number]['provider']) => ({
  state,
  provider,
});

describe('the totals of a plane', () => {
  it('are none where there is neither host nor VM, whatever else there is', () => {
    expect(told({})).toEqual([]);
    expect(told({ vms: [vm('deleted')], hosts: [{ id: 'a', state: 'retired' }], alertsFiring: 2 })).toEqual([]);
  });

  it('are of VMs alone where there are no hosts', () => {
    const states = ['running', 'running', 'stopped', 'saved', 'suspended', 'lost', 'pending', 'deleted'] as const;
    expect(told({ vms: [...states.map((state) => vm(state)), vm('error', 'ec2')], alertsFiring: 3 })).toEqual([
      { of: {}, figures: { VmsRunning: 2, VmsOff: 3, VmsWrong: 2 } },
      { of: { provider: 'kvm' }, figures: { Vms: 7 } },
      { of: { provider: 'ec2' }, figures: { Vms: 1 } },
      { of: {}, figures: { SeriesMeasured: 0, AlertsFiring: 3 } },
    ]);
  });

  it('weigh each host by what it is, and leave out those that tell nothing', () => {
    const host = (id: string, cores: number, state = 'ready' as PlaneNow['hosts'][number]['state']) => ({
      id,
      state,
      facts: { cores },
    });
    const latest: PlaneNow['latest'] = new Map([
      ['small', { at: 1, values: { 'host.cpu.utilization': 1, 'host.memory.usage': 3, 'host.memory.limit': 10 } }],
      ['large', { at: 1, values: { 'host.cpu.utilization': 0.5, 'host.memory.usage': 3, 'host.memory.limit': 20 } }],
    ]);
    const hosts = [
      host('small', 4),
      host('large', 12, 'draining'),
      host('gone', 64, 'unreachable'),
      host('new', 8, 'enrolling'),
    ];
    expect(told({ hosts, latest })).toContainEqual({
      of: {},
      figures: { HostsUp: 2, HostsDown: 1, HostCpuUtilization: 62.5, HostMemoryUtilization: 20 },
    });
    expect(told({ hosts, latest })).toContainEqual({ of: {}, figures: { SeriesMeasured: 6, AlertsFiring: 0 } });
    expect(told({ hosts })).toContainEqual({ of: {}, figures: { HostsUp: 2, HostsDown: 1 } });
  });
});
