import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { ec2Vm, kvmVm, prefixOf } from '../local/asked-vms.ts';
import { api, plane, virshOn } from '../local/plane.ts';
import { IS_LONG } from '../support/cases.ts';
import type { FaultRule } from '../support/fault-proxy.ts';
import { AWS, ask, succeeds, usingFaultProxy } from './rig.ts';

/** F-12: a call takes effect and its reply is lost. Nothing is done twice, and nothing is lost. */
const prefix = prefixOf('cut');
const ec2 = new EC2Client({
  endpoint: AWS,
  region: plane.region,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

/** Instances of a VM that live, whoever launched them. */
const instancesOf = async (vmId: string): Promise<number> => {
  const Filters = [
    { Name: 'tag:novacron:vm', Values: [vmId] },
    { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] },
  ];
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters }));
  return Reservations.flatMap(({ Instances = [] }) => Instances).length;
};

/** Domains of that name on all hosts. */
const domainsOf = async (name: string): Promise<number> => {
  const lists = await Promise.all(plane.hosts.map((host) => virshOn(host.name, 'list', '--all', '--name')));
  return lists.flatMap(({ stdout }) => stdout.split('\n')).filter((line) => line.includes(name)).length;
};

const cut = (service: FaultRule['service'], operation: string, times: number): FaultRule => ({
  service,
  operation,
  times,
  response: { abort_bytes: 0 },
});

/** One reply, and as many as the SDK tries, so that the layer above it has to ask again. */
const CUTS: readonly FaultRule[] = [
  cut('ec2', 'RunInstances', 1),
  cut('ec2', 'TerminateInstances', 1),
  cut('stepfunctions', 'StartExecution', 3),
  cut('stepfunctions', 'SendTaskSuccess', 3),
  cut('dynamodb', 'TransactWriteItems', 3),
  cut('dynamodb', 'PutItem', 1),
  cut('ssm', 'SendCommand', 3),
  cut('sqs', 'SendMessage', 3),
  cut('events', 'PutEvents', 3),
];

describe.each([
  // The short form plays the worse of the two.
  ...(IS_LONG ? [['knows', false] as const] : []),
  ['does not know', true] as const,
])('replies that are lost of an AWS that %s client tokens', (_, dropTokens) => {
  const proxy = usingFaultProxy({ dropTokens });

  it('leave each VM once, and then none', async () => {
    const names = [0, 1].map((index) => `${prefix}-${dropTokens ? 'n' : 'y'}${index}`);
    await proxy().break(...CUTS);
    const asked = await Promise.all([
      ask('POST', '/v1/vms', ec2Vm(`${names[0]}`)),
      ask('POST', '/v1/vms', kvmVm(`${names[1]}`)),
    ]);
    for (const each of asked) await succeeds(each);
    const [onEc2] = asked;
    expect(await instancesOf(`${onEc2?.vmId}`)).toBe(1);
    expect(await domainsOf(`${names[1]}`)).toBe(1);
    for (const name of names) {
      const { json } = await api('GET', `/v1/vms?filter=${encodeURIComponent(`name=${name}`)}`);
      expect(json.items).toMatchObject([{ state: 'running' }]);
    }
    for (const { vmId } of asked) await succeeds(await ask('DELETE', `/v1/vms/${vmId}?purge=true`));
    console.log({ fired: await proxy().mend() });
    expect(await instancesOf(`${onEc2?.vmId}`)).toBe(0);
    expect(await domainsOf(`${names[1]}`)).toBe(0);
  });
});
