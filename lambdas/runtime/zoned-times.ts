/**
 * When windows are open, and what is within time intervals. What reckons with time zones is a tenth of what a function may be, and
 * few silences recur and few routes have intervals: this file is bundled by itself, lies beside the function's code, and is loaded
 * where one does (lib/bundles.ts).
 */
export { isWithin } from '../domain/alerts/time-intervals.ts';
export { isTimeZone } from '../domain/civil-time.ts';
export { openingAround } from '../domain/window-times.ts';
