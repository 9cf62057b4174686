import { DescribeInstancesCommand, type EC2Client, type Filter, type Instance } from '@aws-sdk/client-ec2';
import { raise } from '../../domain/faults.ts';
import { stateOfEc2 } from './to-observed.ts';

/** Waits between two looks; given, so that tests need not wait. */
export type Pause = (milliseconds: number) => Promise<unknown>;

/** What an operation's launches are known by: the tag that every one carries, and the client tokens they were asked with. */
export interface Trail {
  readonly installation: string;
  readonly operationId: string;
  readonly tokens: readonly string[];
}

/** DescribeInstances is eventually consistent: "may take a few seconds" (EC2 API reference). First look at once. */
const LOOKS_AFTER_MS = [0, 1_000, 2_000, 4_000, 8_000];

/** A filter takes at most 200 values; lists of types are far shorter. */
const described = async (ec2: EC2Client, filters: Filter[]): Promise<Instance[]> => {
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters: filters }));
  return Reservations.flatMap(({ Instances = [] }) => Instances);
};

const carries = (instance: Instance, { installation, operationId }: Trail): boolean => {
  const tag = (key: string) => instance.Tags?.find(({ Key }) => Key === key)?.Value;
  return tag('novacron:installation') === installation && tag('novacron:op') === operationId;
};

/** One look: by tag and by token, since each of the two indexes may lag. */
const look = async (ec2: EC2Client, trail: Trail): Promise<Instance[]> => {
  const [tagged, tokened] = await Promise.all([
    described(ec2, [{ Name: 'tag:novacron:op', Values: [trail.operationId] }]),
    described(ec2, [{ Name: 'client-token', Values: [...trail.tokens] }]),
  ]);
  const ours = [...tagged, ...tokened].filter((instance) => carries(instance, trail));
  return [...new Map(ours.map((instance) => [instance.InstanceId, instance])).values()];
};

/** Looks until something is there, or some 15 s have passed; every instance that this operation ever launched. */
export const patientLook = async (ec2: EC2Client, trail: Trail, pause: Pause): Promise<Instance[]> => {
  for (const milliseconds of LOOKS_AFTER_MS) {
    if (milliseconds > 0) await pause(milliseconds);
    const found = await look(ec2, trail);
    if (found.length > 0) return found;
  }
  return [];
};

/** Whether it runs, may run again, or is about to: anything but on its way out. */
export const isAlive = (instance: Instance): boolean =>
  !['deleting', 'deleted'].includes(stateOfEc2(instance.State?.Name));

/**
 * Of several launches of one operation the one that stays: the earliest, by id where they are of one second. Every look
 * chooses alike, so two that race cannot keep two.
 * @throws CommandFenced where all that it launched are on their way out: it was undone, or died, and is not launched again
 */
export const survivorOf = (launched: readonly Instance[]): Instance => {
  const order = ({ LaunchTime, InstanceId }: Instance): string => `${LaunchTime?.toISOString()} ${InstanceId}`;
  const [first] = launched.filter(isAlive).toSorted((a, b) => order(a).localeCompare(order(b)));
  if (first !== undefined) return first;
  const why = launched.map(({ InstanceId, StateReason }) => `${InstanceId}: ${StateReason?.Message ?? 'terminated'}`);
  return raise(
    'CommandFenced',
    `What this operation launched is gone already, and is not launched twice (${why.join('; ')}).`,
  );
};
