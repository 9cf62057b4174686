import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MetricsReport } from '../../lambdas/domain/metrics/report.ts';
import { type DomainEvent, type HostAnswer, type InventoryDomain, Report } from '../../lambdas/domain/report.ts';

/** Stands for `POST /v1/hosts/{id}/report` and `/metrics`: keeps what a host unit says, each report and sample checked by the plane's schema. Any other request is answered too, as a host asks whether it reaches the plane. */
export interface ReportServer {
  readonly url: string;
  readonly port: number;
  /** Why a report did not fit the schema; empty is well. */
  readonly misfits: string[];
  readonly events: DomainEvent[];
  /** Every domain by the last inventory. */
  readonly inventory: () => readonly InventoryDomain[];
  readonly resultOf: (op: string, attempt: number) => HostAnswer | undefined;
  readonly close: () => Promise<void>;
}

/** Starts it on a free port of the loopback; `image` is what it serves at /image.qcow2. */
export const startReportServer = async (image: string): Promise<ReportServer> => {
  let inventory: readonly InventoryDomain[] = [];
  const results = new Map<string, HostAnswer>();
  const events: DomainEvent[] = [];
  const misfits: string[] = [];

  const keep = (body: string): void => {
    const report = Report.safeParse(JSON.parse(body));
    if (!report.success) misfits.push(report.error.message);
    inventory = report.data?.inventory ?? inventory;
    events.push(...(report.data?.events ?? []));
    for (const { op, attempt, answer } of report.data?.results ?? []) results.set(`${op}#${attempt}`, answer);
  };

  const keepMetrics = (body: string): void => {
    const measured = MetricsReport.safeParse(JSON.parse(body));
    if (!measured.success) misfits.push(measured.error.message);
  };

  const server = createServer(async (request, response) => {
    if (request.url === '/image.qcow2') {
      createReadStream(image).pipe(response);
      return;
    }
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const isMeasured = request.url?.endsWith('/metrics') === true;
    if (request.method === 'POST') (isMeasured ? keepMetrics : keep)(Buffer.concat(parts).toString());
    const answer = isMeasured ? { sampleSeconds: 15 } : { beatSeconds: 2 };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  // `listen` on a port gives an AddressInfo, never a pipe's name.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    misfits,
    events,
    inventory: () => inventory,
    resultOf: (op, attempt) => results.get(`${op}#${attempt}`),
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
};
