import * as alwaysRules from '../store/always-rules.ts';
import * as hosts from '../store/hosts.ts';
import { type OurEvent, publish } from './bus.ts';

/** "Rules Due" of our own bus. */
export const rulesDueEvent = (now: number): OurEvent => {
  const at = new Date(now).toISOString();
  return { noun: 'alert', type: 'Rules Due', id: `rules-due ${at}`, detail: { at } };
};

/** Lets rules be looked at as time goes by; nothing is done where no host measures anything, and nobody waits for a watchdog. */
export const wakeRules = async (now: number): Promise<void> => {
  if ((await hosts.isAny()) || (await alwaysRules.isAny())) await publish(rulesDueEvent(now));
};
