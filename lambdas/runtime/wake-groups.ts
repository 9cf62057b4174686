import * as groups from '../store/alert-groups.ts';
import { SOON_MS, wakeWithin } from './alert-wakes.ts';

/** Lets every group of alerts be told of that is due, or will be within the minute, each at its second. */
export const wakeGroups = async (now: number): Promise<void> =>
  wakeWithin(await Array.fromAsync(groups.due(new Date(now + SOON_MS).toISOString())), now);
