import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { SSMClient } from '@aws-sdk/client-ssm';
import { newId } from '../../lambdas/domain/ids.ts';
import type { Vm, VmSpec } from '../../lambdas/domain/vm.ts';
import type { RegionClients } from '../../lambdas/providers/ec2/clients.ts';

/** Builders of EC2 VMs, and clients of an emulated AWS. */
const AT = '2026-11-25T10:00:00.000Z';

export const anEc2Spec = (changes: Partial<VmSpec> = {}): VmSpec => ({
  image: 'al2023',
  size: 'small',
  ready: 'running',
  readyTimeoutSeconds: 300,
  hostname: 'web-2',
  sshKeys: [],
  installAgent: false,
  ...changes,
});

/** A row as the API writes it before a create, under an id of its own. */
export const anEc2Vm = (changes: Partial<Vm> = {}): Vm => ({
  id: newId('vm', Date.now()),
  name: 'web-2',
  provider: 'ec2',
  managed: true,
  state: 'pending',
  desired: 'running',
  ready: { status: 'unknown', reason: 'Pending', message: '', at: AT },
  location: { account: '000000000000', region: 'us-east-1' },
  size: 'small',
  vcpus: 2,
  memoryMiB: 2048,
  image: 'al2023',
  disks: [],
  nics: [],
  addresses: [],
  tags: { env: 'test' },
  deletionProtection: false,
  spec: anEc2Spec(),
  createdAt: AT,
  changedAt: AT,
  version: 1,
  ...changes,
});

/** The clients of lambdas/providers/ec2/clients.ts, but of an endpoint, as the emulator's root. */
export const clientsOf = (endpoint: string): RegionClients => {
  const settings = {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: { requestTimeout: 10_000, throwOnRequestTimeout: true },
  };
  return {
    ec2: new EC2Client({ ...settings, maxAttempts: 3 }),
    changing: new EC2Client({ ...settings, maxAttempts: 1 }),
    ssm: new SSMClient({ ...settings, maxAttempts: 3 }),
  };
};

/** Ids of a VM's instances that are not on their way out. */
export const livingInstances = async (ec2: EC2Client, vmId: string): Promise<string[]> => {
  const { Reservations = [] } = await ec2.send(
    new DescribeInstancesCommand({
      Filters: [
        { Name: 'tag:novacron:vm', Values: [vmId] },
        { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] },
      ],
    }),
  );
  return Reservations.flatMap(({ Instances = [] }) => Instances).flatMap(({ InstanceId }) => InstanceId ?? []);
};
