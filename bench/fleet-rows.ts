import type { Instance } from '@aws-sdk/client-ec2';
import { marshall } from '@aws-sdk/util-dynamodb';
import { observe } from '../lambdas/domain/observation.ts';
import type { Vm } from '../lambdas/domain/vm.ts';
import { toObserved } from '../lambdas/providers/ec2/to-observed.ts';
import * as table from '../lambdas/store/table.ts';
import * as vms from '../lambdas/store/vms.ts';
import { anEc2Vm } from '../test/support/ec2.ts';
import { ACCOUNT, INSTALLATION, instanceIdOf, REGION, vmIdOf } from './fleet-place.ts';

const AT = '2026-01-01T00:00:00.000Z';

const tagsOf = (index: number): Record<string, string> => ({
  team: `team-${index % 40}`,
  env: index % 3 === 0 ? 'prod' : 'test',
});

const instanceOf = (index: number, state: 'running' | 'stopped'): Instance => ({
  InstanceId: instanceIdOf(index),
  State: { Name: state },
  InstanceType: 't4g.small',
  Placement: { AvailabilityZone: `${REGION}a` },
  PrivateIpAddress: `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`,
  Tags: [
    { Key: 'Name', Value: `web-${index}` },
    { Key: 'novacron:installation', Value: INSTALLATION },
    { Key: 'novacron:vm', Value: vmIdOf(index) },
    ...Object.entries(tagsOf(index)).map(([Key, Value]) => ({ Key, Value })),
  ],
});

const tags = ({ Tags = [] }: Instance): string =>
  Tags.map(({ Key, Value }) => `<item><key>${Key}</key><value>${Value}</value></item>`).join('');

/** As DescribeInstances answers it, in a reservation of its own. */
const xmlOf = (instance: Instance): string =>
  `<item><reservationId>r-0</reservationId><ownerId>${ACCOUNT}</ownerId><groupSet/><instancesSet><item>` +
  `<instanceId>${instance.InstanceId}</instanceId><imageId>ami-00000000000000000</imageId>` +
  `<instanceState><code>16</code><name>${instance.State?.Name}</name></instanceState>` +
  `<instanceType>${instance.InstanceType}</instanceType><launchTime>${AT}</launchTime>` +
  `<placement><availabilityZone>${REGION}a</availabilityZone><tenancy>default</tenancy></placement>` +
  `<monitoring><state>disabled</state></monitoring><privateIpAddress>${instance.PrivateIpAddress}</privateIpAddress>` +
  `<architecture>arm64</architecture><rootDeviceType>ebs</rootDeviceType><rootDeviceName>/dev/xvda</rootDeviceName>` +
  `<blockDeviceMapping/><tagSet>${tags(instance)}</tagSet><networkInterfaceSet/></item></instancesSet></item>`;

/** The row as an earlier look has left it. */
const rowOf = (index: number): Vm => {
  const vm = anEc2Vm({
    id: vmIdOf(index),
    name: `web-${index}`,
    state: 'running',
    providerId: instanceIdOf(index),
    tags: tagsOf(index),
    createdAt: AT,
    changedAt: AT,
  });
  const seen = toObserved(instanceOf(index, 'running'), {
    installation: INSTALLATION,
    account: ACCOUNT,
    region: REGION,
    volumeGiB: new Map(),
  });
  return observe(vm, seen, AT);
};

/** A row in DynamoDB's own JSON. */
const textOf = (item: Record<string, unknown>): string =>
  JSON.stringify(marshall(item, { removeUndefinedValues: true }));

/** VMs, one of `every` of which is stopped at EC2 while its row says that it runs. */
export class Fleet {
  readonly size: number;
  readonly #items: string[];
  readonly #first: readonly string[];
  #every = Number.POSITIVE_INFINITY;

  constructor(size: number) {
    this.size = size;
    this.#items = Array.from({ length: size }, (_, index) => textOf(table.putNew(vms.entity, rowOf(index)).item ?? {}));
    this.#first = [...this.#items];
  }

  /** Every row as it was, and one of `every` instances stopped from now on. */
  reset(every: number): void {
    this.#every = every;
    for (const [index, item] of this.#first.entries()) this.#items[index] = item;
  }

  item(index: number): string {
    return this.#items[index] ?? '';
  }

  instance(index: number): string {
    return index < this.size ? xmlOf(instanceOf(index, index % this.#every === 0 ? 'stopped' : 'running')) : '';
  }

  indexOf(vmId: string): number {
    return Number(vmId.slice('vm-'.length));
  }

  indexOfInstance(instanceId: string): number {
    return Number.parseInt(instanceId.slice('i-'.length), 16);
  }

  itemOfVm(vmId: string): string | undefined {
    return this.#items[this.indexOf(vmId)];
  }

  itemOfInstance(instanceId: string): string {
    return this.item(this.indexOfInstance(instanceId));
  }

  positionAt(index: number) {
    const id = vmIdOf(index);
    return { pk: `vm#${id}`, sk: 'vm', gsi1pk: 'vm', gsi1sk: id };
  }

  /** @returns whether it was the row of a VM of the fleet */
  replace(item: Record<string, unknown>): boolean {
    const index = item.sk === 'vm' ? this.indexOf(String(item.id)) : Number.NaN;
    if (this.#items[index] === undefined) return false;
    this.#items[index] = textOf(item);
    return true;
  }
}
