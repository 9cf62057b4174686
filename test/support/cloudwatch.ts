import {
  CloudWatchClient,
  CloudWatchServiceException,
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  type MetricDataQuery,
} from '@aws-sdk/client-cloudwatch';
import { mockClient } from 'aws-sdk-client-mock';

/** What one call asked for. */
interface MetricsCall {
  readonly region: string;
  readonly metrics: number;
  readonly from: number;
  readonly to: number;
}

type Client = () => { readonly config: { readonly region: () => Promise<string> } };

const keyOf = ({ MetricStat }: MetricDataQuery): string => {
  const { Namespace, MetricName, Dimensions = [] } = MetricStat?.Metric ?? {};
  return [Namespace, MetricName, ...Dimensions.map(({ Name, Value }) => `${Name}=${Value}`)].join(' ');
};

/**
 * CloudWatch in one process, behind the SDK's own client: it answers of what was put there, newest first as it does, and pages.
 * What a call may not do there is refused.
 */
export class CloudWatchService {
  readonly calls: MetricsCall[] = [];
  readonly #points = new Map<string, Map<number, number>>();
  /** Who pays pays for these: each metric that was asked for, by name. */
  readonly asked: string[] = [];
  /** Whether it takes a call at this moment. */
  takes: (call: MetricsCall) => boolean = () => true;
  /** Metrics of a page. */
  page = Number.POSITIVE_INFINITY;

  constructor() {
    mockClient(CloudWatchClient)
      .on(GetMetricDataCommand)
      .callsFake((input, client: Client) => this.#answer(input, client));
  }

  /** What an instance was in the five minutes that begin then. */
  put(instanceId: string, metric: string, begin: number, value: number): void {
    const key = `AWS/EC2 ${metric} InstanceId=${instanceId}`;
    const known = this.#points.get(key) ?? new Map<number, number>();
    this.#points.set(key, known.set(begin, value));
  }

  async #answer(input: GetMetricDataCommandInput, client: Client) {
    const { MetricDataQueries: queries = [], StartTime, EndTime, NextToken = '0' } = input;
    const [from, to] = [StartTime?.getTime() ?? 0, EndTime?.getTime() ?? 0];
    const call = { region: await client().config.region(), metrics: queries.length, from, to };
    this.calls.push(call);
    if (!this.takes(call)) throw refusal('ThrottlingException', 'Rate exceeded');
    const ids = new Set(queries.map(({ Id }) => Id));
    if (queries.length > 500 || ids.size < queries.length || from >= to) throw refusal('ValidationError', 'Not so.');
    if (NextToken === '0') this.asked.push(...queries.map((query) => query.MetricStat?.Metric?.MetricName ?? ''));
    const end = Number(NextToken) + this.page;
    const results = queries.slice(Number(NextToken), end).map((query) => this.#of(query, from, to));
    return { MetricDataResults: results, ...(end < queries.length ? { NextToken: String(end) } : {}) };
  }

  #of(query: MetricDataQuery, from: number, to: number) {
    const points = [...(this.#points.get(keyOf(query)) ?? [])]
      .filter(([begin]) => begin >= from && begin < to)
      .sort(([a], [b]) => b - a);
    return {
      Id: query.Id,
      StatusCode: 'Complete' as const,
      Timestamps: points.map(([begin]) => new Date(begin)),
      Values: points.map(([, value]) => value),
    };
  }
}

const refusal = (name: string, message: string): CloudWatchServiceException =>
  new CloudWatchServiceException({ name, message, $fault: 'client', $metadata: { httpStatusCode: 400 } });
