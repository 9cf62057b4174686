import { Fault } from '../domain/faults.ts';
import { Report, ReportAnswer } from '../domain/report.ts';
import { applyReport } from '../runtime/apply-report.ts';
import * as hosts from '../store/hosts.ts';
import { HostPath } from './host-fields.ts';
import { route } from './route.ts';

/** 2,000 domains of 400 bytes and 500 events with a console's tail each will not come at once; the unit splits at 1 MiB. */
const LONGEST_REPORT = 1_048_576;

/** POST /v1/hosts/{id}/report */
export const reportHost = route({
  method: 'POST',
  path: '/v1/hosts/{id}/report',
  action: 'report-host',
  summary: 'What a host unit tells: its beat, events, inventory, late results',
  access: 'host',
  params: HostPath,
  body: Report,
  answers: { 200: ReportAnswer },
  longestBody: LONGEST_REPORT,
  handler: async ({ params, body }, { by, at }) => {
    if (by.hostId !== params.id) throw new Fault('Forbidden', 'A host reports for itself only.');
    const speaker = await hosts.withBeat(params.id);
    if (speaker.host.state === 'retired') throw new Fault('Forbidden', `${speaker.host.name} is retired.`);
    return { status: 200, body: await applyReport(speaker, body, at, by.endsAt) };
  },
});
