import { bySubject, type Frame } from './frame.ts';
import { RESOLUTIONS, type Resolution } from './retention.ts';
import { frameOf, rolledUp, type Series, seriesOf } from './series.ts';

/** One subject's hour, as it is kept at each resolution. */
export interface SubjectHour {
  readonly subject: string;
  readonly frames: Readonly<Record<Resolution, Frame>>;
}

const framesOf = (subject: string, series: Series): SubjectHour['frames'] => ({
  raw: frameOf(subject, series),
  '5m': rolledUp(series, RESOLUTIONS['5m'].stepMs),
  '1h': rolledUp(series, RESOLUTIONS['1h'].stepMs),
});

/** An hour of a source, as it came, by subject. */
export const compacted = (batches: readonly Frame[]): SubjectHour[] =>
  [...bySubject(batches)].map(([subject, own]) => ({ subject, frames: framesOf(subject, seriesOf(own)) }));
