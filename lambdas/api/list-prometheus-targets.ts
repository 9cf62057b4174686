import * as z from 'zod';
import { matchesFilter, parseFilter } from '../domain/filter.ts';
import { vmSubject } from '../domain/metrics/labels.ts';
import type { Vm } from '../domain/vm.ts';
import { VM_FIELDS } from '../domain/vm-fields.ts';
import * as vms from '../store/vms.ts';
import { filterNames, route } from './route.ts';

/** https://prometheus.io/docs/prometheus/latest/http_sd/ */
const Target = z.strictObject({ targets: z.array(z.string()), labels: z.record(z.string(), z.string()) });

/** Labels of discovery begin with `__meta_`, and are for relabelling. */
const targetOf = (vm: Vm, port: number): z.infer<typeof Target> => {
  const labels = Object.entries({ ...vmSubject(vm).labels, state: vm.state });
  return {
    // An IPv6 address has brackets where a port follows.
    targets: vm.addresses.slice(0, 1).map((address) => `${address.includes(':') ? `[${address}]` : address}:${port}`),
    labels: Object.fromEntries(labels.map(([name, value]) => [`__meta_novacron_${name}`, value])),
  };
};

/** GET /v1/sd/prometheus */
export const listPrometheusTargets = route({
  method: 'GET',
  path: '/v1/sd/prometheus',
  action: 'list-prometheus-targets',
  summary: "The project's running VMs as targets of Prometheus' HTTP service discovery",
  access: 'viewer',
  query: z.strictObject({ port: z.coerce.number().int().min(1).max(65_535).default(9100) }),
  filter: filterNames(VM_FIELDS),
  answers: { 200: z.array(Target) },
  handler: async ({ query, filter }, { by }) => {
    const terms = parseFilter(filter, VM_FIELDS);
    const all = (await Array.fromAsync(vms.allOf(by.project))).filter(
      (vm) => vm.state === 'running' && vm.addresses.length > 0 && matchesFilter(terms, VM_FIELDS, vm),
    );
    return { status: 200, body: all.map((vm) => targetOf(vm, query.port)) };
  },
});
