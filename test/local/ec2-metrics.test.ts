import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lambdaApi } from '../support/lambda-api.ts';
import { access, api, novacron, novacronJson, plane } from './plane.ts';

/**
 * What VMs on EC2 use, as the embedded CloudWatch is asked for it by the deployed function with its own powers. Of itself the embedded
 * EC2 measures nothing: here the test says what was measured, which CloudWatch lets nobody do on AWS.
 */
const AWS = `http://127.0.0.1:${plane.port}`;
const FIVE_MINUTES = 300_000;
const name = `ec2m-${Date.now().toString(36).slice(-5)}`;
const cloudwatch = new CloudWatchClient({
  endpoint: AWS,
  region: plane.region,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

interface Made {
  readonly id: string;
  readonly providerId: string;
  readonly memoryMiB: number;
}

let vm: Made;
beforeAll(async () => {
  const how = ['--provider', 'ec2', '--image', 'al2023', '--size', 'small', '--name', name];
  vm = await novacronJson<Made>('vm', 'create', ...how);
});
afterAll(async () => {
  await novacron('vm', 'delete', name, '--yes');
});

it('what CloudWatch has measured of a VM is told of it, and what it has not is not', async () => {
  const end = Math.floor(Date.now() / FIVE_MINUTES) * FIVE_MINUTES;
  const datum = (MetricName: string, begin: number, Value: number) => ({
    MetricName,
    Value,
    Timestamp: new Date(begin),
    Dimensions: [{ Name: 'InstanceId', Value: vm.providerId }],
  });
  const MetricData = [
    datum('CPUUtilization', end - 2 * FIVE_MINUTES, 50),
    datum('CPUUtilization', end - 2 * FIVE_MINUTES + 60_000, 100),
    datum('CPUUtilization', end - FIVE_MINUTES, 25),
  ];
  await cloudwatch.send(new PutMetricDataCommand({ Namespace: 'AWS/EC2', MetricData }));
  const lambda = lambdaApi(AWS, access.installation);
  await lambda.invoke(`novacron-${access.installation}-schedules-collect-ec2-metrics`);

  const { status, json } = await api('GET', `/v1/vms/${vm.id}/metrics?stepSeconds=60`);
  expect(status, JSON.stringify(json)).toBe(200);
  const told = new Map(
    json.series.map(({ metric, points }: { metric: string; points: { at: string; avg: number }[] }) => [
      metric,
      points.map(({ at, avg }) => [Date.parse(at), avg]),
    ]),
  );
  expect(told).toEqual(
    new Map([
      [
        'vm.cpu.utilization',
        [
          [end - FIVE_MINUTES, 0.75],
          [end, 0.25],
        ],
      ],
      [
        'vm.memory.allocated',
        [
          [end - FIVE_MINUTES, vm.memoryMiB * 2 ** 20],
          [end, vm.memoryMiB * 2 ** 20],
        ],
      ],
    ]),
  );
  const top = await api('GET', `/v1/metrics/vms?name=${name}`);
  expect(top.json.items).toMatchObject([
    { id: vm.id, measuredAt: new Date(end).toISOString(), values: { 'vm.cpu.utilization': 0.25 } },
  ]);
});
