import { readFileSync } from 'node:fs';
import type { Counts } from './support/counting.ts';

/** The sum of all runs of Vitest that `npm test` has made. Usage: node test/sum.ts <file of counts> */
const [file = ''] = process.argv.slice(2);
const runs: Counts[] = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));
const sum = (name: keyof Counts): number => runs.reduce((all, counts) => all + counts[name], 0);
const [passed, failed, skipped] = [sum('passed'), sum('failed'), sum('skipped')];
const parts = [
  `${passed} passed`,
  ...(failed > 0 ? [`${failed} failed`] : []),
  ...(skipped > 0 ? [`${skipped} skipped`] : []),
];
console.log(` Test Files  ${sum('files')} in ${runs.length} runs`);
console.log(`      Tests  ${parts.join(' | ')} (${passed + failed + skipped})`);
// What any reader of logs understands, whatever runner was behind it.
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
