import { expect, it } from 'vitest';
import type { AlertRow } from '../../../lambdas/domain/alerts/alert-row.ts';
import { METRIC_NAMES } from '../../../lambdas/domain/metrics/catalog.ts';
import { alertsFamily, exposition, prometheusName } from '../../../lambdas/domain/metrics/exposition.ts';
import { hostSubject, vmSubject } from '../../../lambdas/domain/metrics/labels.ts';
import { newAlert } from '../../support/alert-rows.ts';
import { newHost, newVm } from '../../support/api.ts';

it('a metric has the name by which Prometheus would call it', () => {
  expect(prometheusName('vm.cpu.utilization')).toBe('novacron_vm_cpu_utilization_ratio');
  expect(prometheusName('vm.memory.usage')).toBe('novacron_vm_memory_usage_bytes');
  expect(prometheusName('vm.disk.read.bytes')).toBe('novacron_vm_disk_read_bytes_per_second');
  expect(prometheusName('vm.disk.read.operations')).toBe('novacron_vm_disk_read_operations_per_second');
  expect(prometheusName('vm.disk.read.latency')).toBe('novacron_vm_disk_read_latency_seconds');
  expect(prometheusName('host.cpu.load')).toBe('novacron_host_cpu_load');
  expect(new Set(METRIC_NAMES.map(prometheusName)).size).toBe(METRIC_NAMES.length);
});

it('a VM is told of by its labels, a tag’s odd key made a label’s', () => {
  const vm = newVm({ name: 'web-1', tags: { 'cost centre': 'say "hi"\nback\\slash' } });
  const latest = { at: 1_700_000_000_000, values: { 'vm.cpu.utilization': 0.25 } };
  const text = exposition([{ subject: vmSubject(vm), state: 'running', latest }]);
  const line = text.split('\n').find((each) => each.startsWith('novacron_vm_cpu'));
  expect(line).toContain('tag_cost_centre="say \\"hi\\"\\nback\\\\slash"');
  expect(line).toMatch(/vm="web-1",vm_id="vm-[0-9a-z]+"\} 0\.25 1700000000000$/);
  expect(text).toContain('# TYPE novacron_vm_cpu_utilization_ratio gauge\n');
});

it('alerts that are not over are counted by what they are called, and by whether somebody has taken them on', () => {
  const now = Date.parse('2026-11-27T08:00:00.000Z');
  const alert = (more: Partial<AlertRow> = {}): AlertRow => ({
    ...newAlert(),
    labels: { alertname: 'DiskFull', severity: 'critical', vm: 'web-1' },
    endsAt: '2026-11-27T09:00:00.000Z',
    ...more,
  });
  const acknowledged = { by: 'ann', at: '2026-11-27T07:00:00.000Z' };
  const rows = [
    alert(),
    alert({ labels: { alertname: 'DiskFull', severity: 'critical', vm: 'db-1' } }),
    alert({ acknowledged }),
    alert({ acknowledged: { ...acknowledged, until: '2026-11-27T07:30:00.000Z' }, labels: { alertname: 'Odd' } }),
    alert({ endsAt: '2026-11-27T07:59:00.000Z' }),
  ];
  const lines = exposition([], alertsFamily(rows, now))
    .split('\n')
    .filter((line) => line.startsWith('novacron'));
  expect(lines).toEqual([
    'novacron_alerts{alertname="DiskFull",project="default",severity="critical",state="firing"} 2',
    'novacron_alerts{alertname="DiskFull",project="default",severity="critical",state="acknowledged"} 1',
    'novacron_alerts{alertname="Odd",project="default",state="firing"} 1',
  ]);
});

it('what is not measured has its state, and no value', () => {
  const text = exposition([{ subject: hostSubject(newHost({ name: 'rack-1' })), state: 'unreachable' }]);
  expect(text).toMatch(/^# HELP novacron_host_info .*\n# TYPE novacron_host_info gauge\n.*state="unreachable"\} 1\n$/);
});
