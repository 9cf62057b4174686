import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { ChannelName, type ChannelState, type Course } from '../domain/alerts/channel-state.ts';
import { dynamo } from '../runtime/clients.ts';
import { env, text } from '../runtime/env.ts';

const { TELEMETRY_TABLE: TableName } = env({ TELEMETRY_TABLE: text });

const keyOf = (channel: ChannelName) => ({ pk: `channel#${channel}`, sk: 'state' });

/** A channel's row. */
interface Row {
  readonly lastSentAt?: string;
  readonly failingSince?: string;
  readonly failingWhy?: string;
  readonly refused?: ChannelState['refused'];
}

const stateOf = ({ lastSentAt, failingSince, failingWhy, refused }: Row): ChannelState => ({
  ...(lastSentAt === undefined ? {} : { lastSentAt }),
  ...(failingSince === undefined || failingWhy === undefined
    ? {}
    : { failing: { since: failingSince, why: failingWhy } }),
  ...(refused === undefined ? {} : { refused }),
});

const read = async (channel: ChannelName): Promise<[ChannelName, ChannelState]> => {
  const { Item = {} } = await dynamo().send(new GetCommand({ TableName, Key: keyOf(channel) }));
  return [channel, stateOf(Item)];
};

/** How it goes with each channel; nothing is known of one that was never given anything. */
export const channelStates = async (): Promise<ReadonlyMap<ChannelName, ChannelState>> =>
  new Map(await Promise.all(ChannelName.options.map(read)));

/** What a course changes of a row: what fails after something went out fails since now. */
const changesOf = ({ isSent, refused, failing }: Course): { sets: string[]; removes: string[] } => ({
  sets: [
    ...(isSent ? ['lastSentAt = :at'] : []),
    ...(refused === undefined ? [] : ['refused = :refused']),
    ...(failing === undefined
      ? []
      : ['failingWhy = :failing', `failingSince = ${isSent ? ':at' : 'if_not_exists(failingSince, :at)'}`]),
  ],
  removes: isSent && failing === undefined ? ['failingSince', 'failingWhy'] : [],
});

const expressionOf = ({ sets, removes }: ReturnType<typeof changesOf>): string =>
  [`SET ${sets.join(', ')}`, ...(removes.length > 0 ? [`REMOVE ${removes.join(', ')}`] : [])].join(' ');

/** Writes down what became of a channel's notices at this Instant; nothing, where nothing did. */
export const noteCourse = async (channel: ChannelName, course: Course, at: string): Promise<void> => {
  const changes = changesOf(course);
  if (changes.sets.length === 0) return;
  const { refused, failing } = course;
  await dynamo().send(
    new UpdateCommand({
      TableName,
      Key: keyOf(channel),
      UpdateExpression: expressionOf(changes),
      ExpressionAttributeValues: {
        ...(course.isSent || failing !== undefined ? { ':at': at } : {}),
        ...(refused === undefined ? {} : { ':refused': { at, why: refused } }),
        ...(failing === undefined ? {} : { ':failing': failing }),
      },
    }),
  );
};
