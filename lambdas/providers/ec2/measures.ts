import type { MetricName } from '../../domain/metrics/catalog.ts';

/** One of AWS/EC2's metrics, and what it is called here. */
export interface Measure {
  readonly name: string;
  readonly stat: 'Average' | 'Sum' | 'Maximum';
  readonly metric: MetricName;
  /** Of so many of theirs one of ours is made. */
  readonly divisor: number;
}

/** Basic monitoring is of five minutes, free of charge, and on for every instance. */
export const PERIOD_SECONDS = 300;

const PER_SECOND = { stat: 'Sum', divisor: PERIOD_SECONDS } as const;

/**
 * What each five minutes are asked for. An instance that has detailed monitoring is told in the same five minutes.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/viewing_metrics_with_cloudwatch.html
 */
export const OFTEN: readonly Measure[] = [
  { name: 'CPUUtilization', stat: 'Average', metric: 'vm.cpu.utilization', divisor: 100 },
  { name: 'StatusCheckFailed', stat: 'Maximum', metric: 'vm.status.failed', divisor: 1 },
];

const NETWORK: readonly Measure[] = [
  { name: 'NetworkIn', metric: 'vm.network.receive.bytes', ...PER_SECOND },
  { name: 'NetworkOut', metric: 'vm.network.transmit.bytes', ...PER_SECOND },
  { name: 'NetworkPacketsIn', metric: 'vm.network.receive.packets', ...PER_SECOND },
  { name: 'NetworkPacketsOut', metric: 'vm.network.transmit.packets', ...PER_SECOND },
];

const DISKS: readonly Measure[] = [
  { name: 'EBSReadOps', metric: 'vm.disk.read.operations', ...PER_SECOND },
  { name: 'EBSWriteOps', metric: 'vm.disk.write.operations', ...PER_SECOND },
  { name: 'EBSReadBytes', metric: 'vm.disk.read.bytes', ...PER_SECOND },
  { name: 'EBSWriteBytes', metric: 'vm.disk.write.bytes', ...PER_SECOND },
];

const CREDITS: readonly Measure[] = [
  { name: 'CPUCreditBalance', stat: 'Average', metric: 'vm.cpu.credits', divisor: 1 },
];

/**
 * Families on Xen, which tell nothing of EBS; all others are on Nitro.
 * https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-nitro-instances.html
 */
const ON_XEN = /^(c[134]|cc2|d2|f1|g[23]s?|h1|i[23]|m[1-4]|p[23]|r[34]|t[12]|x1e?)\./;

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-performance-instances.html */
const IS_BURSTABLE = /^t(2|3a?|4g)\./;

/** What an instance of this type is asked for once an hour: each that is asked for is paid, whether it has an answer or not. */
export const hourlyOf = (instanceType = ''): readonly Measure[] => [
  ...NETWORK,
  ...(ON_XEN.test(instanceType) ? [] : DISKS),
  ...(IS_BURSTABLE.test(instanceType) ? CREDITS : []),
];
