import type { LabelSet } from './labels.ts';

/** What the plane says of silences, as alerts. */
export const SILENCE_ENDING = 'SilenceEnding';
export const SILENCE_HIDES_CRITICAL = 'SilenceHidesCritical';

/** Whether an alert is the plane's word about this silence: none can hide what is said of itself. */
export const isAboutSilence = ({ alertname = '', silence }: LabelSet, id: string): boolean =>
  silence === id && [SILENCE_ENDING, SILENCE_HIDES_CRITICAL].includes(alertname);
