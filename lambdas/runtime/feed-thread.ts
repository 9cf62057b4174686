import { parentPort, workerData } from 'node:worker_threads';
import * as z from 'zod';
import { Fault } from '../domain/faults.ts';
import { daysOfFeed } from '../domain/ical.ts';

/** The thread in which a feed is read: what was written by somebody else can keep it busy, or fill it, and harms nobody. */
const Asked = z.object({ text: z.string(), window: z.tuple([z.string(), z.string()]) });

const answer = () => {
  const { text, window } = Asked.parse(workerData);
  try {
    return { read: daysOfFeed(text, window) };
  } catch (error) {
    return { refused: error instanceof Fault ? error.message : 'its events cannot be read' };
  }
};

parentPort?.postMessage(answer());
