import { CloudWatchClient, type MetricDataQuery, paginateGetMetricData } from '@aws-sdk/client-cloudwatch';
import { fromEnvironment } from '../../runtime/env-credentials.ts';
import { translated } from './errors.ts';
import { type Measure, PERIOD_SECONDS } from './measures.ts';

/** Each Region's client, made at its first use. A Region that refuses for haste is asked a few times more, with growing pauses. */
export const cloudWatchClients = (): ((region: string) => CloudWatchClient) => {
  const made = new Map<string, CloudWatchClient>();
  const requestHandler = { connectionTimeout: 2_000, requestTimeout: 20_000, throwOnRequestTimeout: true };
  return (region) => {
    const settings = { region, credentials: fromEnvironment, requestHandler };
    const client = made.get(region) ?? new CloudWatchClient({ ...settings, maxAttempts: 5, retryMode: 'standard' });
    made.set(region, client);
    return client;
  };
};

/** One metric of one instance: what is paid for. */
export interface Question {
  readonly instanceId: string;
  readonly measure: Measure;
}

/** What it was in the five minutes that end then, in our unit. */
export interface Answer extends Question {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly value: number;
}

/** GetMetricData takes 500 queries, and answers 100,800 points a page: those of 16 hours. */
export const MOST_QUESTIONS = 500;

const queryOf = ({ instanceId, measure }: Question, index: number): MetricDataQuery => ({
  Id: `q${index}`,
  MetricStat: {
    Metric: {
      Namespace: 'AWS/EC2',
      MetricName: measure.name,
      Dimensions: [{ Name: 'InstanceId', Value: instanceId }],
    },
    Period: PERIOD_SECONDS,
    Stat: measure.stat,
  },
});

/**
 * What CloudWatch knows of all full five minutes between two instants: nothing of what was not measured, or is not there yet.
 * @param questions 500 at most
 * @throws Fault: Throttled where CloudWatch was asked too often for too long
 */
export const answersTo = (
  client: CloudWatchClient,
  questions: readonly Question[],
  { from, to }: { readonly from: number; readonly to: number },
): Promise<Answer[]> =>
  translated(`Reading ${questions.length} metrics of EC2`, async () => {
    const MetricDataQueries = questions.map(queryOf);
    const asked = { MetricDataQueries, StartTime: new Date(from), EndTime: new Date(to) };
    const answers: Answer[] = [];
    for await (const { MetricDataResults = [] } of paginateGetMetricData({ client }, asked)) {
      for (const { Id = '', Timestamps = [], Values = [] } of MetricDataResults) {
        const question = questions[Number(Id.slice(1))];
        for (const [index, begin] of Timestamps.entries()) {
          const value = Values[index];
          if (question === undefined || value === undefined) continue;
          const at = begin.getTime() + PERIOD_SECONDS * 1000;
          answers.push({ ...question, at, value: value / question.measure.divisor });
        }
      }
    }
    return answers;
  });
