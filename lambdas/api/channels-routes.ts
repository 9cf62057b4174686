import { listChannels } from './list-channels.ts';
import { previewTexts } from './preview-texts.ts';
import { redeliverChannel } from './redeliver-channel.ts';
import type { Route } from './route.ts';
import { testChannel } from './test-channel.ts';

/** The ways by which receivers are told: how it goes with them, a try, what they say, and what they were not told. */
export const CHANNELS: readonly Route[] = [listChannels, testChannel, previewTexts, redeliverChannel];
