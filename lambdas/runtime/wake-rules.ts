import { type OurEvent, publish } from './bus.ts';

/** "Rules Due" of our own bus. */
export const rulesDueEvent = (now: number): OurEvent => {
  const at = new Date(now).toISOString();
  return { noun: 'alert', type: 'Rules Due', id: `rules-due ${at}`, detail: { at } };
};

/** Lets rules be looked at as time goes by, where any host measures or any rule is so always; else nothing is done. */
export const wakeRules = async (areDue: boolean, now: number): Promise<void> => {
  if (areDue) await publish(rulesDueEvent(now));
};
