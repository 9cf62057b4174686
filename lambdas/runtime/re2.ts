/**
 * RE2 in JavaScript. It weighs a third of what a function may: this file is bundled by itself, lies beside the function's code,
 * and is loaded when somebody's pattern is met (lib/bundles.ts, domain/alerts/regex.ts).
 */
export { RE2JS } from 're2js';
