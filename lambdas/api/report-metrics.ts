import { watchHostReadings } from '../alerting/watch-readings.ts';
import { Fault } from '../domain/faults.ts';
import { MetricsAnswer, MetricsReport } from '../domain/metrics/report.ts';
import { takeSamples } from '../runtime/take-samples.ts';
import * as hosts from '../store/hosts.ts';
import { HostPath } from './host-fields.ts';
import { route } from './route.ts';

/** 60 samples of 20 domains, or 20 of 60; the unit sends less of more. */
const LONGEST_REPORT = 1_048_576;

/** How often hosts are measured. */
const SAMPLE_SECONDS = 15;

/** POST /v1/hosts/{id}/metrics */
export const reportMetrics = route({
  method: 'POST',
  path: '/v1/hosts/{id}/metrics',
  action: 'report-metrics',
  summary: 'What a host unit has measured of its host and its VMs',
  access: 'host',
  params: HostPath,
  body: MetricsReport,
  answers: { 200: MetricsAnswer },
  longestBody: LONGEST_REPORT,
  handler: async ({ params, body }, { by, at }) => {
    if (by.hostId !== params.id) throw new Fault('Forbidden', 'A host reports for itself only.');
    const host = await hosts.get(params.id);
    if (host.state === 'retired') throw new Fault('Forbidden', `${host.name} is retired.`);
    const now = Date.parse(at);
    await watchHostReadings(host.id, await takeSamples(host, body, now), now);
    return { status: 200, body: { sampleSeconds: SAMPLE_SECONDS } };
  },
});
