export { isTimeZone } from '../domain/civil-time.ts';
/**
 * When windows are open. What reckons with time zones is a tenth of what a function may be, and few silences recur: this file is
 * bundled by itself, lies beside the function's code, and is loaded where one does (lib/bundles.ts).
 */
export { openingAround } from '../domain/window-times.ts';
