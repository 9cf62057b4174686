import type { Latest } from '../lambdas/domain/metrics/latest.ts';
import { totalsOf } from '../lambdas/domain/metrics/totals.ts';
import { hourlyOf, OFTEN } from '../lambdas/providers/ec2/measures.ts';
import { type Resource, resourcesOf, templatesOf } from '../test/support/stacks.ts';
import { budgets, prices, usdPerThousand } from './operations.ts';

/**
 * node bench/monthly.ts: what an installation costs a month. What exists is counted in the synthesised stacks and prices
 * come from prices.json; what is assumed of the traffic stands in the constants here, and in docs/costs.md.
 */
interface Fleet {
  readonly hosts: number;
  readonly vms: number;
  /** How many of them run on EC2, all the time. */
  readonly onEc2: number;
}

const FLEETS: Readonly<Record<string, Fleet>> = {
  idle: { hosts: 0, vms: 0, onEc2: 0 },
  '50 VMs, 2 hosts': { hosts: 2, vms: 50, onEc2: 0 },
  '1,000 VMs, 20 hosts': { hosts: 20, vms: 1_000, onEc2: 0 },
  '100 VMs on EC2': { hosts: 0, vms: 100, onEc2: 100 },
};

const MONTH_MINUTES = 43_800;
const MONTH_SECONDS = MONTH_MINUTES * 60;
const OPERATIONS_A_VM_AND_MONTH = 2 * (MONTH_MINUTES / 1_440);

/** As lambdas/schedules/collect-ec2-metrics.ts asks for: of a burstable type, which has one more than others. */
const METRICS_A_VM_AND_MONTH = (MONTH_MINUTES / 5) * OFTEN.length + (MONTH_MINUTES / 60) * hourlyOf('t3.small').length;

/** Each hour is put together twice, at three resolutions, in small rows; what is answered lies in so many rows before. */
const ROWS_A_VM_AND_HOUR = 6;
const SHARES = 16;
/** Of each share, each time: the project's rules, what they know, and the block before. */
const READS_A_SHARE = 3;

/** As lambdas/runtime/apply-report.ts asks for, and the host unit's INVENTORY_SECONDS. */
const BEAT_SECONDS = 10;
const INVENTORY_SECONDS = 60;

/** Assumed: warm, and none of them measured on AWS. */
const REPORT_CALL_SECONDS = 0.03;
const TIMED_JOB_SECONDS = 0.5;

/** Assumed: a host's row holds its facts and checks, a VM's its spec and state; the beat's row is paid as one unit. */
const HOST_ROW_KIB = 3;
const VM_ROW_KIB = 2;

/** Assumed: how often what a host has free moves so far that its row and the two indexes are written. */
const HOST_ROW_WRITES_AN_HOUR = 6;

/** As lambdas/api/report-metrics.ts asks for. */
const SAMPLE_SECONDS = 15;

/** Assumed: a sample of a VM in a block (test/domain/metrics/frame.test.ts), what its rules know, and its hour at all resolutions. */
const SAMPLE_KIB_A_VM = 0.05;
const RULES_KIB_A_VM = 0.25;
const HOUR_ROWS_KIB_A_VM = 8;

/** Assumed, warm. Read: the token, the host, the project's rules, and what they know; the host's VMs each minute. */
const SAMPLE_CALL_SECONDS = 0.05;
const READS_A_SAMPLE = 5;

/** Strongly consistent: the token, the host with its beat, and the beat once more when it is looked at 35 s later. */
const READS_A_REPORT = 4;
/** A query reads 4 KiB for half a unit. */
const READ_UNITS_A_KIB = 1 / 8;

/** Lambda keeps five long polls of 20 s open on a queue that is empty. */
const POLLS_A_QUEUE_AND_MINUTE = 15;

/** A function that works asks for the table's key again after five minutes. */
const KEY_REQUESTS_A_FUNCTION = MONTH_MINUTES / 5;
const WORKING_FUNCTIONS = { idle: 3, busy: 10 };

/** One is counted each minute; three for each kind that succeeds, and a few faults. */
const SERIES = { idle: 1, busy: 3 * Object.keys(budgets.operations).length + 5 };

/** Assumed, in GB: a call's own four lines, a line of the access log, a workflow's history. */
const LOG_GB = { call: 600e-9, request: 400e-9, execution: 6_000e-9 };

/** How many figures of the plane CloudWatch is told, by the code that tells them. */
const figuresOf = ({ hosts, vms, onEc2 }: Fleet): number => {
  const machines = Array.from({ length: hosts }, (_, n) => ({
    id: `h-${n}`,
    state: 'ready' as const,
    facts: { cores: 1 },
  }));
  const values = { 'host.cpu.utilization': 0, 'host.memory.usage': 1, 'host.memory.limit': 2 };
  const latest = new Map(machines.map(({ id }): [string, Latest] => [id, { at: 0, values }]));
  const vm = (n: number) => ({ state: 'running' as const, provider: n < onEc2 ? ('ec2' as const) : ('kvm' as const) });
  const totals = totalsOf({
    vms: Array.from({ length: vms }, (_, n) => vm(n)),
    hosts: machines,
    latest,
    alertsFiring: 0,
  });
  return totals.reduce((sum, { figures }) => sum + Object.keys(figures).length, 0);
};

/** Batches that a run looks through, of each host. */
const BATCHES_A_RUN = 8;

/** Who is called by a report: the report itself, and the look at its beat. */
const REPORT_FUNCTIONS = ['api-report', 'events-beat-missed'] as const;

/** What the stacks of one Region in stage prod hold, as far as it is paid for. */
const counted = () => {
  const templates = templatesOf({ installation: 'bench', stage: 'prod' });
  const all = (type: string): Resource[] => [...resourcesOf(templates, type).values()];
  const feeds = all('AWS::Lambda::EventSourceMapping').map(({ Properties }) => Properties);
  const tables = all('AWS::DynamoDB::Table').map(({ Properties }) => Properties);
  const functions = all('AWS::Lambda::Function').map(({ Properties }) => Properties);
  const reporting = functions.filter(({ FunctionName }) =>
    REPORT_FUNCTIONS.some((name) => FunctionName.endsWith(name)),
  );
  const timed = functions.filter(({ FunctionName }) => FunctionName.includes('-schedules-'));
  const others = functions.filter((each) => !reporting.includes(each) && !timed.includes(each));
  return {
    keys: all('AWS::KMS::Key').length,
    dashboards: all('AWS::CloudWatch::Dashboard').length,
    alarmMetrics: all('AWS::CloudWatch::Alarm').reduce((sum, alarm) => sum + metricsOf(alarm), 0),
    runs: all('AWS::Scheduler::Schedule').map(({ Properties }) => runsOf(Properties.ScheduleExpression)),
    polledQueues: feeds.filter((feed) => feed.StartingPosition === undefined).length,
    // Each is polled but the one for dead letters, which has no redrive policy.
    fifoQueues: all('AWS::SQS::Queue').filter(({ Properties }) => Properties.FifoQueue && Properties.RedrivePolicy)
      .length,
    beatListeners: feeds.filter(({ FilterCriteria }) => JSON.stringify(FilterCriteria ?? {}).includes('beat')).length,
    indexes: tables.find((table) => table.StreamSpecification)?.GlobalSecondaryIndexes.length ?? 0,
    tellsTotals: functions.some(({ FunctionName }) => FunctionName.endsWith('-events-totals-due')),
    lambdaGiB: Math.max(...functions.map(({ MemorySize }) => MemorySize)) / 1_024,
    tracedReports: reporting.filter(isTraced).length,
    tracedRuns: timed.some(isTraced),
    traced: others.some(isTraced),
    loggedReports: reporting.filter(({ LoggingConfig }) => LoggingConfig?.SystemLogLevel !== 'WARN').length,
  };
};
type Counted = ReturnType<typeof counted>;

const isTraced = ({ TracingConfig }: Resource['Properties']): boolean => TracingConfig?.Mode === 'Active';

/** An alarm is paid by the metrics it looks at. */
const metricsOf = ({ Properties: { Metrics } }: Resource): number =>
  Metrics?.filter(({ MetricStat }) => MetricStat).length ?? 1;

const MINUTES: Readonly<Record<string, number>> = { minute: 1, hour: 60, day: 1_440 };

/** @throws Error where it is no rate */
const runsOf = (expression: string): number => {
  const [, count, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const minutes = Number(count) * (MINUTES[unit] ?? Number.NaN);
  if (Number.isNaN(minutes)) throw new Error(`${expression} is no rate, so its runs a month are not known.`);
  return MONTH_MINUTES / minutes;
};

/** Of calls at an even rate, X-Ray records the first of each second and 5 % of the others. */
const sampled = (calls: number): number => {
  const first = Math.min(calls, MONTH_SECONDS);
  return first + 0.05 * (calls - first);
};

const kinds = Object.values(budgets.operations);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const USD_AN_OPERATION = mean(kinds.map(usdPerThousand)) / 1_000;
const CALLS_AN_OPERATION = mean(kinds.map(({ reckoned }) => reckoned.lambdaCalls));

/** Minutes between two looks at rules and at the whole plane: each there is an event, with hosts, else as often as CloudWatch is asked; 0 where neither is. */
const minutesBetweenLooks = ({ hosts, onEc2 }: Pick<Fleet, 'hosts' | 'onEc2'>): number => {
  if (hosts > 0) return 1;
  return onEc2 > 0 ? 5 : 0;
};

/** Hours of VMs, and each time CloudWatch is asked what it answered and what rules know of it, of each share. */
const ec2WritesOf = (onEc2: number): number => {
  const shares = Math.min(onEc2, SHARES);
  const rules = shares * Math.ceil((onEc2 * RULES_KIB_A_VM) / Math.max(1, shares));
  return onEc2 * ROWS_A_VM_AND_HOUR * (MONTH_MINUTES / 60) + (shares + rules) * (MONTH_MINUTES / 5);
};

/** What passes through in a month. */
const trafficOf = (found: Counted, { hosts, vms, onEc2 }: Fleet) => {
  const runs = found.runs.reduce((sum, count) => sum + count, 0);
  const reports = (hosts * MONTH_SECONDS) / BEAT_SECONDS;
  const operations = vms * OPERATIONS_A_VM_AND_MONTH;
  const callsAReport = REPORT_FUNCTIONS.length + found.beatListeners;
  const loggedCalls = runs + reports * (found.loggedReports + found.beatListeners) + operations * CALLS_AN_OPERATION;
  const readsOfAllVms = vms * VM_ROW_KIB * READ_UNITS_A_KIB;
  const measuring = hosts === 0 ? 0 : vms;
  const lookMinutes = minutesBetweenLooks({ hosts, onEc2 });
  const totalsRuns = found.tellsTotals && lookMinutes > 0 ? MONTH_MINUTES / lookMinutes : 0;
  const samples = (hosts * MONTH_SECONDS) / SAMPLE_SECONDS;
  const unitsOf = (kib: number): number => hosts * Math.ceil(kib / Math.max(1, hosts));
  return {
    samples,
    sampleWrites:
      (MONTH_SECONDS / SAMPLE_SECONDS) * unitsOf(measuring * SAMPLE_KIB_A_VM) +
      // Written by samples that come, and again as time goes by.
      MONTH_MINUTES * unitsOf(measuring * RULES_KIB_A_VM) +
      (MONTH_MINUTES / 60) * measuring * HOUR_ROWS_KIB_A_VM,
    sampleReads: samples * READS_A_SAMPLE + 2 * MONTH_MINUTES * measuring * VM_ROW_KIB * READ_UNITS_A_KIB,
    ruleRuns: lookMinutes === 0 ? 0 : MONTH_MINUTES / lookMinutes,
    ec2Writes: ec2WritesOf(onEc2),
    ec2Reads: Math.min(onEc2, SHARES) * (MONTH_MINUTES / 5) * READS_A_SHARE,
    totalsRuns,
    totalsReads: totalsRuns * (readsOfAllVms + measuring * SAMPLE_KIB_A_VM * BATCHES_A_RUN * READ_UNITS_A_KIB + hosts),
    runs,
    reports,
    operations,
    reportCalls: reports * callsAReport,
    reportWrites: reports + hosts * HOST_ROW_WRITES_AN_HOUR * (MONTH_MINUTES / 60) * (1 + found.indexes) * HOST_ROW_KIB,
    reportReads: reports * READS_A_REPORT + (MONTH_SECONDS / INVENTORY_SECONDS) * readsOfAllVms,
    // Each run looks at the open operations or at all VMs; the most frequent one, the sweep, at operations only.
    runReads: runs + (runs - Math.max(...found.runs)) * readsOfAllVms,
    traces:
      (found.tracedRuns ? runs : 0) +
      (found.traced ? operations * CALLS_AN_OPERATION : 0) +
      (found.tracedReports + found.beatListeners) * sampled(reports),
    logGB: loggedCalls * LOG_GB.call + (reports + operations) * LOG_GB.request + operations * LOG_GB.execution,
  };
};

const linesOf = (found: Counted, fleet: Fleet): Readonly<Record<string, number>> => {
  const { usd } = prices;
  const { usd: more, freeDashboards } = prices.monthly;
  const load = fleet.vms > 0 ? 'busy' : 'idle';
  const { runs, reports, samples, ...traffic } = trafficOf(found, fleet);
  const lambda = (calls: number, seconds: number): number =>
    calls * (usd.lambdaRequest + seconds * found.lambdaGiB * usd.lambdaGiBSecondArm64);
  return {
    'KMS key': found.keys * more.keyMonth + WORKING_FUNCTIONS[load] * KEY_REQUESTS_A_FUNCTION * more.keyRequest,
    'CloudWatch alarms': found.alarmMetrics * more.alarmMetricMonth,
    dashboard: Math.max(0, found.dashboards - freeDashboards) * more.dashboardMonth,
    'custom metrics': SERIES[load] * more.customMetricMonth,
    'polls of queues':
      POLLS_A_QUEUE_AND_MINUTE *
      MONTH_MINUTES *
      ((found.polledQueues - found.fifoQueues) * usd.sqsRequest + found.fifoQueues * usd.sqsFifoRequest),
    'timed jobs': lambda(runs, TIMED_JOB_SECONDS) + runs * more.scheduledRun + traffic.runReads * usd.readUnit,
    'reports: HTTP API': reports * usd.httpApiRequest,
    'reports: Lambda': lambda(traffic.reportCalls, REPORT_CALL_SECONDS),
    'reports: DynamoDB': traffic.reportWrites * usd.writeUnit + traffic.reportReads * usd.readUnit,
    // Sent, received and deleted.
    'reports: SQS': reports * 3 * usd.sqsRequest,
    'metrics of EC2':
      fleet.onEc2 * METRICS_A_VM_AND_MONTH * more.metricRequested +
      traffic.ec2Writes * usd.writeUnit +
      traffic.ec2Reads * usd.readUnit,
    'samples: HTTP API': samples * usd.httpApiRequest,
    'samples: Lambda': lambda(samples, SAMPLE_CALL_SECONDS) + lambda(traffic.ruleRuns, TIMED_JOB_SECONDS),
    'samples: DynamoDB': traffic.sampleWrites * usd.writeUnit + traffic.sampleReads * usd.readUnit,
    'totals of the plane':
      (found.tellsTotals ? figuresOf(fleet) * more.customMetricMonth : 0) +
      lambda(traffic.totalsRuns, TIMED_JOB_SECONDS) +
      traffic.totalsReads * usd.readUnit,
    operations: traffic.operations * USD_AN_OPERATION,
    'X-Ray traces': traffic.traces * more.trace,
    'CloudWatch Logs': traffic.logGB * more.logGB,
  };
};

/** USD a month: a row for each thing that is paid for, a column for each size of installation, the sums last. */
export const monthlyFigures = (): Readonly<Record<string, Readonly<Record<string, number>>>> => {
  const found = counted();
  const rows: Record<string, Record<string, number>> = {};
  for (const [name, fleet] of Object.entries(FLEETS)) {
    const lines = linesOf(found, fleet);
    const total = Object.values(lines).reduce((sum, line) => sum + line, 0);
    for (const [row, usd] of Object.entries({ ...lines, total })) {
      rows[row] = { ...rows[row], [name]: Number(usd.toFixed(2)) };
    }
  }
  return rows;
};

if (import.meta.main) console.table(monthlyFigures());
