import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { IHttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import {
  type CustomMetricGroup,
  DefaultDashboardFactory,
  type LambdaFunctionMonitoringProps,
  MonitoringFacade,
  notifySns,
} from 'cdk-monitoring-constructs';
import type { Construct } from 'constructs';
import type { AlertsStack } from './alerts-stack.ts';
import type { ApiFunctions } from './api-functions.ts';
import type { ApiStack } from './api-stack.ts';
import { type Config, STAGE_TRAITS } from './config.ts';
import type { Handler } from './constructs/handler.ts';
import type { OperationsStack } from './operations-stack.ts';
import type { StateStack } from './state-stack.ts';

export interface WatchStackProps extends StackProps {
  readonly config: Config;
  readonly state: StateStack;
  readonly api: ApiStack;
  readonly operations: OperationsStack;
  readonly alerts: AlertsStack;
}

/** The headings of docs/runbook.md that alarms send people to. */
type Heading =
  | 'Failed operations'
  | 'Stuck operations'
  | 'Host unreachable'
  | 'Audit findings'
  | 'Audit chain broken'
  | 'Dead letters'
  | 'Throttles'
  | 'Errors of functions'
  | 'Slow API';

/** An alarm's text: what it means, and at its very end where it says what to do. */
const seeing = (text: string, heading: Heading) => ({
  alarmDescriptionOverride: `${text} Runbook: docs/runbook.md#${heading.toLowerCase().replaceAll(' ', '-')}`,
});

/** What is looked at: one dashboard, and the alarms that page. */
export class WatchStack extends Stack {
  private readonly facade: MonitoringFacade;

  constructor(scope: Construct, id: string, props: WatchStackProps) {
    const { config, state, api, operations, alerts, ...rest } = props;
    super(scope, id, { description: `NovaCron ${config.installation}: dashboard and alarms`, ...rest });
    this.facade = new MonitoringFacade(this, 'Facade', {
      alarmFactoryDefaults: {
        alarmNamePrefix: `NovaCron-${config.installation}`,
        actionsEnabled: STAGE_TRAITS[config.stage].alarmsNotify,
        action: notifySns(state.alerts),
      },
      dashboardFactory: new DefaultDashboardFactory(this, 'Dashboards', {
        dashboardNamePrefix: `NovaCron-${config.installation}`,
      }),
    });
    if (config.planeMetrics) this.showPlane();
    if (config.remoteWrite) this.showRemoteWrite();
    this.watchOperations();
    this.watchApi(api);
    this.watchFunctions(api.functions);
    this.watchWorkflows(operations);
    this.watchQueues(state, operations, alerts);
    this.watchTables(state);
  }

  /** What lambdas/domain/metrics/totals.ts reckons each minute, while there are hosts or VMs. */
  private showPlane(): void {
    const last = (...names: string[]) => names.map((name) => figure(name, 'Maximum'));
    const providers = ['kvm', 'ec2'].map((provider) => figure('Vms', 'Maximum', { provider }));
    this.facade.addLargeHeader('VMs and hosts').monitorCustom({
      humanReadableName: 'The whole plane',
      alarmFriendlyName: 'Totals',
      metricGroups: [
        { title: 'VMs', metrics: last('VmsRunning', 'VmsOff', 'VmsWrong') },
        { title: 'VMs by provider', metrics: providers },
        { title: 'Hosts', metrics: last('HostsUp', 'HostsDown') },
        { title: 'Hosts in use, %', metrics: last('HostCpuUtilization', 'HostMemoryUtilization') },
        { title: 'Alerts firing', metrics: last('AlertsFiring') },
        { title: 'Series measured', metrics: last('SeriesMeasured') },
      ],
    });
  }

  private showRemoteWrite(): void {
    this.facade.addLargeHeader('Metrics to the store outside').monitorCustom({
      humanReadableName: 'Remote write',
      alarmFriendlyName: 'RemoteWrite',
      metricGroups: [
        { title: 'Samples', metrics: ['RemoteWriteSamples', 'RemoteWriteDropped'].map((name) => figure(name, 'Sum')) },
        { title: 'Seconds behind', metrics: [figure('RemoteWriteBehindSeconds', 'Maximum')] },
      ],
    });
  }

  /** What our own functions count: the business of the plane. */
  private watchOperations(): void {
    this.facade.addLargeHeader('Operations').monitorCustom({
      humanReadableName: 'Operations and hosts',
      alarmFriendlyName: 'Plane',
      metricGroups: [
        counted('OperationFailed', 'An operation failed.', 'Failed operations'),
        counted(
          'OperationStuck',
          'An operation is open for longer than its state machine may run.',
          'Stuck operations',
        ),
        counted('HostUnreachable', 'A host has been silent for 35 seconds, or its libvirt for 20.', 'Host unreachable'),
        counted('AuditFindings', 'What is held and what is there are not as they should be.', 'Audit findings', 60),
        counted('AuditChainBroken', 'An audit log is not what it was when it was signed.', 'Audit chain broken'),
      ],
    });
  }

  private watchApi(api: ApiStack): void {
    this.facade.addLargeHeader('API').monitorApiGatewayV2HttpApi({
      // The class lacks only the `| undefined` that exactOptionalPropertyTypes asks of its interface.
      api: api.api as IHttpApi,
      alarmFriendlyName: 'Api',
      add5xxCountAlarm: {
        Critical: { maxErrorCount: 0, ...seeing('The API answered with 5xx.', 'Errors of functions') },
      },
      addLatencyP99Alarm: {
        Warning: {
          maxLatency: Duration.seconds(1),
          datapointsToAlarm: 3,
          evaluationPeriods: 3,
          ...seeing('One answer in a hundred takes longer than a second.', 'Slow API'),
        },
      },
    });
  }

  /**
   * All functions share the account's concurrency, so what starves one starves those that are called most: only these ring,
   * and the one that has a concurrency of its own. Each alarm costs ten cents a month.
   */
  private watchFunctions({ read, write, report, ...seldom }: ApiFunctions): void {
    this.facade.addMediumHeader('Functions behind the API');
    for (const handler of [read, write, report]) {
      this.watchFunction(handler, {
        addThrottlesCountAlarm: {
          Warning: { maxErrorCount: 0, ...seeing(`Lambda refused calls of ${handler.entry}.`, 'Throttles') },
        },
      });
    }
    for (const handler of Object.values(seldom)) this.watchFunction(handler);
  }

  private watchFunction(lambdaFunction: Handler, alarms: Partial<LambdaFunctionMonitoringProps> = {}): void {
    const alarmFriendlyName = lambdaFunction.entry.replaceAll('/', '-');
    this.facade.monitorLambdaFunction({ lambdaFunction, alarmFriendlyName, ...alarms });
  }

  /** No alarms here: a failed execution is a failed operation, which is counted above. */
  private watchWorkflows(operations: OperationsStack): void {
    this.facade.addLargeHeader('State machines');
    for (const [name, { stateMachine }] of operations.workflows) {
      this.facade.monitorStepFunction({ stateMachine, alarmFriendlyName: name, humanReadableName: name });
    }
  }

  private watchQueues(state: StateStack, operations: OperationsStack, alerts: AlertsStack): void {
    const queues: Readonly<Record<string, IQueue>> = {
      timers: state.deadLetters,
      operations: operations.deadLetters,
      alerts: alerts.deadLetters,
      notices: alerts.unsent,
    };
    this.facade.addLargeHeader('Dead letters');
    for (const [name, queue] of Object.entries(queues)) {
      this.facade.monitorSqsQueue({
        queue,
        alarmFriendlyName: `${name}-dead-letters`,
        humanReadableName: `Dead letters of ${name}`,
        addQueueMaxSizeAlarm: {
          Critical: {
            maxMessageCount: 0,
            ...seeing(`A message of ${name} failed for good.`, 'Dead letters'),
          },
        },
      });
    }
  }

  private watchTables(state: StateStack): void {
    this.facade.addLargeHeader('Tables').monitorDynamoTable({
      // As above.
      table: state.state as ITable,
      alarmFriendlyName: 'state-table',
      addReadThrottledEventsCountAlarm: {
        Warning: { maxThrottledEventsThreshold: 0, ...seeing('Reads of the state table were refused.', 'Throttles') },
      },
      addWriteThrottledEventsCountAlarm: {
        Warning: { maxThrottledEventsThreshold: 0, ...seeing('Writes to the state table were refused.', 'Throttles') },
      },
    });
  }
}

/** A figure of ours. */
const figure = (
  metricName: string,
  statistic: 'Sum' | 'Maximum',
  more: Readonly<Record<string, string>> = {},
  period = Duration.minutes(5),
): Metric =>
  new Metric({
    namespace: 'NovaCron',
    metricName,
    dimensionsMap: { service: 'novacron', ...more },
    // Two of one name are told apart by what they are of.
    ...(more.provider === undefined ? {} : { label: more.provider }),
    statistic,
    period,
  });

/** A count of ours that must stay zero over some minutes; where nothing is counted, nothing is wrong. */
const counted = (metricName: string, text: string, heading: Heading, minutes = 5): CustomMetricGroup => ({
  title: heading,
  metrics: [
    {
      alarmFriendlyName: metricName,
      metric: figure(metricName, 'Sum', {}, Duration.minutes(minutes)),
      addAlarm: {
        Critical: {
          threshold: 0,
          comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
          evaluationPeriods: 1,
          datapointsToAlarm: 1,
          treatMissingDataOverride: TreatMissingData.NOT_BREACHING,
          ...seeing(text, heading),
        },
      },
    },
  ],
});
