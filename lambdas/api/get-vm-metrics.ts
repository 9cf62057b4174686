import { type GapView, gapsOf } from '../domain/metrics/gaps.ts';
import { sourceOf } from '../domain/metrics/sources.ts';
import { SeriesView } from '../domain/metrics/view.ts';
import { projectOf } from '../domain/project.ts';
import type { DayOff } from '../domain/time-off.ts';
import type { Vm } from '../domain/vm.ts';
import { atMost } from '../runtime/chunks.ts';
import * as timeOff from '../store/time-off.ts';
import { vmOf } from './gate.ts';
import { route } from './route.ts';
import { seriesAsked, seriesQuery } from './series-asked.ts';
import { VmPath } from './vm-path.ts';

/** Days of UTC that are read at once. */
const AT_ONCE = 8;
const DAY_MS = 86_400_000;

const daysFrom = (from: number, to: number): string[] => {
  const first = Math.floor(from / DAY_MS);
  const count = Math.floor(to / DAY_MS) - first + 1;
  return Array.from({ length: count }, (_, day) => new Date((first + day) * DAY_MS).toISOString().slice(0, 10));
};

/** Why nothing is known of a VM where nothing is. */
const gapsIn = async (vm: Vm, { from: first, to: last, stepSeconds, series }: SeriesView): Promise<GapView[]> => {
  const [from, to] = [Date.parse(first), Date.parse(last)];
  const points = series.flatMap((each) => each.points.map(({ at }) => Date.parse(at)));
  const known = { vm, from, to, points, stepMs: stepSeconds * 1000 };
  const daysOff: DayOff[] = [];
  await atMost(AT_ONCE, daysFrom(from, to), async (day) =>
    daysOff.push(...(await timeOff.ofVm(projectOf(vm), day, vm.id))),
  );
  return gapsOf({ ...known, daysOff, off: await timeOff.find(projectOf(vm), vm.id) });
};

/** GET /v1/vms/{id}/metrics */
export const getVmMetrics = route({
  method: 'GET',
  path: '/v1/vms/{id}/metrics',
  action: 'get-vm-metrics',
  summary: 'What was measured of a VM: CPU, memory, disks, network; and why nothing was where nothing was',
  access: 'viewer',
  params: VmPath,
  query: seriesQuery('vm'),
  answers: { 200: SeriesView },
  handler: async ({ params, query }, { by, at }) => {
    const vm = await vmOf(by, params.id);
    const body = await seriesAsked({ subject: vm.id, source: sourceOf(vm) }, query, Date.parse(at));
    return { status: 200, body: { ...body, gaps: await gapsIn(vm, body) } };
  },
});
