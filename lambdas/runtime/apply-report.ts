import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { type Beat, type Host, lastSeqOf } from '../domain/host.ts';
import { hostAfterReport, libvirtAway } from '../domain/host-report.ts';
import type { Sight } from '../domain/reconcile.ts';
import { type LateResult, observedOf, type Report, type ReportAnswer } from '../domain/report.ts';
import { delaysAfter, waitedMs } from '../domain/report-delay.ts';
import type { Observed, Vm } from '../domain/vm.ts';
import * as beats from '../store/beats.ts';
import * as holdings from '../store/holdings.ts';
import * as hosts from '../store/hosts.ts';
import * as operations from '../store/operations.ts';
import * as vms from '../store/vms.ts';
import { answer } from './answer.ts';
import { sqs } from './clients.ts';
import { env, text } from './env.ts';
import { forgetGuests } from './forget-guests.ts';
import { ageOf, type Clocks, hearEvent, timeOf } from './guest-events.ts';
import { heardLate } from './heard.ts';
import { answerSight } from './holder.ts';
import { renewedToken } from './host-tokens.ts';
import { measure } from './powertools.ts';
import { repair } from './repair.ts';
import { unneededOf } from './unneeded-images.ts';
import { untilWritten } from './until-written.ts';

const { INSTALLATION: installation, BEATS_QUEUE_URL: QueueUrl } = env({ INSTALLATION: text, BEATS_QUEUE_URL: text });

/** The unit beats each 10 s; three missed ones and a little patience make a silent host. */
const BEAT_SECONDS = 10;
const SILENT_AFTER_SECONDS = 35;

interface Speaker {
  readonly host: Host;
  /** Its last, where it has spoken before. */
  readonly beat?: Beat;
}

/**
 * Takes in what a host unit reports: readiness and history of its VMs, its inventory, late outcomes of commands, and the
 * beat. Everything may come twice; the beat is written last, so a report that failed half-way is taken in again.
 */
export const applyReport = async (
  { host, beat: last }: Speaker,
  report: Report,
  at: string,
  tokenEndsAt?: string,
): Promise<ReportAnswer> => {
  const isNews = report.seq > lastSeqOf(host, last);
  if (isNews) {
    const sent = { ...report, waitedMs: waitedMs(last, report, at) };
    for (const event of report.events) await hearEvent(host, event, clocksOf(sent, at));
    if (report.inventory) await takeInventory(host, report.inventory, sightOf(sent, at));
    else if (libvirtAway(host, report)) await forgetGuests(host, `libvirt on ${host.name} does not answer.`, at);
    else if (host.state === 'unreachable') await restore(host, at);
    for (const result of report.results ?? []) await hearResult(result);
    await holdings.remember(installation, host.id, report, at);
    await beat({ host, ...(last ? { beat: last } : {}) }, report, at);
  }
  const token = await renewedToken(host, at, tokenEndsAt);
  const wanted = isNews && report.facts ? await wantedOf(host, report.facts, at) : {};
  return { beatSeconds: BEAT_SECONDS, ...wanted, ...(token === undefined ? {} : { token }) };
};

/** Asked only where the host tells its facts, each minute or so: a beat alone costs no such read. */
const wantedOf = async (
  host: Host,
  { images, identity }: NonNullable<Report['facts']>,
  at: string,
): Promise<Pick<ReportAnswer, 'wanted'>> => {
  const dropImages = await unneededOf(images, at);
  const wanted = {
    ...(dropImages.length === 0 ? {} : { dropImages }),
    ...(host.identity === undefined && identity === undefined ? { identity: true as const } : {}),
  };
  return Object.keys(wanted).length === 0 ? {} : { wanted };
};

/** A host tells the whole truth of itself; what changed while its report was under way is judged by the next one. */
const INVENTORY_LAG_SECONDS = 15;

/** The API answers a report within it. */
const TAKEN_IN_SECONDS = 30;

type Told = Pick<Sight, 'at' | 'takenAway' | 'agedSeconds' | 'takenInSeconds'>;

/** A report, and how long it was on its way. */
type Sent = Report & { readonly waitedMs: number };

/** When it was sent, by both clocks. */
const clocksOf = ({ sentAt, waitedMs: waited }: Sent, at: string): Clocks => ({
  at: new Date(Date.parse(at) - waited).toISOString(),
  sentAt,
});

/** A report may have waited while host or plane were away: its inventory is as old as it was when it was sent, and as that is. */
const sightOf = (report: Sent, at: string): Told => ({
  at,
  takenInSeconds: TAKEN_IN_SECONDS,
  takenAway: takenAwayBy(report, at),
  agedSeconds: (ageOf(report.seenAt ?? report.sentAt, report.sentAt) + report.waitedMs) / 1000,
});

/** Domains that were undefined, and when. */
const takenAwayBy = (report: Sent, at: string): Map<string, string> => {
  const gone = report.events.filter(({ kind }) => kind === 'undefined');
  return new Map(gone.map((event) => [event.domain, timeOf(event, clocksOf(report, at))]));
};

/** Brings the rows up to the host's domains, and tells the operations that wait for what is seen. */
const takeInventory = async (host: Host, domains: NonNullable<Report['inventory']>, told: Told): Promise<void> => {
  const where = { installation, location: { hostId: host.id, hostName: host.name } };
  const observed = domains.map((domain) => observedOf(domain, where));
  const rows = await Array.fromAsync(vms.onHost(host.id));
  await repair({ ...told, installation, rows, observed, lagSeconds: INVENTORY_LAG_SECONDS });
  await answerWaits(rows, observed);
};

const answerWaits = async (rows: readonly Vm[], observed: readonly Observed[]): Promise<void> => {
  const sights = new Map(observed.map((look) => [look.vmId, look]));
  for (const vm of rows) {
    const seen = sights.get(vm.id);
    if (vm.lock && seen) await answerSight(vm, seen);
  }
};

/** A host that speaks again without an inventory: what was seen last holds until it sends one. */
const restore = async (host: Host, at: string): Promise<void> => {
  for await (const { id } of vms.onHost(host.id)) {
    await untilWritten(async () => {
      const vm = await vms.find(id);
      if (vm?.state !== 'unknown' || vm.lastState === undefined) return;
      const { lastState, ...rest } = vm;
      await vms.swap(vm, { ...rest, state: lastState, changedAt: at });
    });
  }
};

/** The outcome of a command that no document waited for. */
const hearResult = async ({ op, attempt, answer: given }: LateResult): Promise<void> => {
  const operation = await operations.find(op);
  const said = heardLate(given);
  if (operation && said) await answer(operation, said, attempt);
};

/**
 * The host's row only where there is something new in it, then the order to look at this beat, and the beat last: what
 * fails before it is done again by the unit's next try.
 */
const beat = async ({ host: read, beat: last }: Speaker, report: Report, at: string): Promise<void> => {
  const { id } = read;
  let known: Host | undefined = read;
  await untilWritten(async () => {
    const host = known ?? (await hosts.get(id));
    known = undefined;
    const after = hostAfterReport(host, report, at);
    if (after === host) return;
    await hosts.swap(host, after);
    if (after.state === 'unreachable' && host.state !== 'unreachable') measure({ HostUnreachable: 1 });
  });
  const message = JSON.stringify({ hostId: id, beatSeq: report.seq });
  await sqs().send(new SendMessageCommand({ QueueUrl, DelaySeconds: SILENT_AFTER_SECONDS, MessageBody: message }));
  await beats.write({ hostId: id, at, version: report.seq, delaysMs: delaysAfter(last, report, at) });
};
