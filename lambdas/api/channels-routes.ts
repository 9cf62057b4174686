import { listChannels } from './list-channels.ts';
import type { Route } from './route.ts';
import { testChannel } from './test-channel.ts';

/** The ways by which receivers are told: how it goes with them, and a try. */
export const CHANNELS: readonly Route[] = [listChannels, testChannel];
