import type { AlertGroup } from './alert-group.ts';
import type { ChannelName, ChannelState } from './channel-state.ts';
import type { Notified } from './notify.ts';
import {
  type IntegrationSpec,
  isChannel,
  type ReceiverSpec,
  type RoutingConfig,
  type Undelivered,
} from './routing-row.ts';

/** How it goes with one way to a receiver. */
export interface ChannelHealth {
  readonly receiver: string;
  /** Which it is among the receiver's: `webhook[0]`; as the file has it, where it leads nowhere: `pagerduty_configs[0]`. */
  readonly way: string;
  /** When it last took a word, of the groups that are remembered: an Instant. */
  readonly lastToldAt?: string;
  /** Groups that it did not take the last word of, since when it has not taken any of these, and why not the last. */
  readonly failing?: { readonly groups: number; readonly since: string; readonly why: string };
  /** Groups that it waits to hear of, having been told enough, and since when the first of these. */
  readonly held?: { readonly groups: number; readonly since: string };
  /** Why the texts of its last word could not be filled in: it was told in other words. */
  readonly textsWrong?: string;
  /** Why it leads nowhere from here. */
  readonly nowhere?: string;
  /** Of a channel of the installation: how it goes behind its queue, which has taken what it was told here. */
  readonly queue?: ChannelState;
}

/** What a way is remembered by in groups. */
export const wayKey = (receiver: string, kind: string, index: number): string => `${receiver}/${kind}[${index}]`;

/** One way to a receiver, and what it is remembered by. */
export interface Way {
  readonly key: string;
  readonly spec: IntegrationSpec;
}

/** The ways to a receiver, in order; none where there is no such receiver. */
export const waysTo = (receiver: ReceiverSpec | undefined): Way[] =>
  receiver?.integrations.map((spec, index) => ({ key: wayKey(receiver.name, spec.kind, index), spec })) ?? [];

type Remembered = Pick<AlertGroup, 'told' | 'failing' | 'held' | 'claim'>;

const lastToldOf = (key: string, groups: readonly Remembered[]): Notified | undefined =>
  groups
    .flatMap(({ told }) => told[key] ?? [])
    .sort((a, b) => (a.at < b.at ? -1 : 1))
    .at(-1);

const failingOf = (key: string, groups: readonly Remembered[]): ChannelHealth['failing'] => {
  const all = groups.flatMap(({ failing }) => failing?.[key] ?? []).sort((a, b) => (a.since < b.since ? -1 : 1));
  const [first] = all;
  const last = all.at(-1);
  return first && last && { groups: all.length, since: first.since, why: last.why };
};

/** Of groups that a way waits to hear of; one that is told of right now is no such yet. */
const heldOf = (key: string, groups: readonly Remembered[]): ChannelHealth['held'] => {
  const all = groups.flatMap(({ held, claim }) => (claim === undefined ? (held?.[key]?.since ?? []) : [])).sort();
  const [since] = all;
  return since === undefined ? undefined : { groups: all.length, since };
};

/** How it goes with each way to each receiver of a routing, as its groups know it, and the channels of the installation. */
export const channelHealth = (
  { receivers }: Pick<RoutingConfig, 'receivers'>,
  undelivered: readonly Undelivered[],
  groups: readonly Remembered[],
  states: ReadonlyMap<ChannelName, ChannelState> = new Map(),
): ChannelHealth[] => [
  ...receivers.flatMap((receiver) =>
    waysTo(receiver).map(({ key, spec }): ChannelHealth => {
      const { name } = receiver;
      const { at: lastToldAt, textsWrong } = lastToldOf(key, groups) ?? {};
      const failing = failingOf(key, groups);
      const held = heldOf(key, groups);
      const way = key.slice(name.length + 1);
      const queue = isChannel(spec) ? states.get(spec.kind) : undefined;
      return {
        receiver: name,
        way,
        ...(lastToldAt ? { lastToldAt } : {}),
        ...(failing ? { failing } : {}),
        ...(held ? { held } : {}),
        ...(textsWrong ? { textsWrong } : {}),
        ...(queue ? { queue } : {}),
      };
    }),
  ),
  ...undelivered.map(({ receiver, place, why }): ChannelHealth => ({ receiver, way: place, nowhere: why })),
];
