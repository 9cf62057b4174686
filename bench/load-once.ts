import { createRequire } from 'node:module';

/** Loads one bundle in this fresh process and prints the wall and CPU time that took, in ms: the part of a cold start that is ours. */
const [path = ''] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const cpu = process.cpuUsage();
const start = performance.now();
require(path);
const wallMs = performance.now() - start;
const { user, system } = process.cpuUsage(cpu);
process.stdout.write(JSON.stringify({ wallMs, cpuMs: (user + system) / 1000 }));
process.exit(0);
