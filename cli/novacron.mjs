#!/usr/bin/env node
// Plain JavaScript without any newer import, since an older Node can't even parse what follows: it finds a Node that can, or says so.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';

const NEEDED = 24;

/** Runs this very command under the Node that npm installed beside us; Ctrl-C is the child's to answer. */
const handOver = (node) => {
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {});
  const { status } = spawnSync(node, process.argv.slice(1), { stdio: 'inherit' });
  process.exitCode = status ?? 1;
};

if (Number.parseInt(process.versions.node, 10) >= NEEDED) {
  module.enableCompileCache();
  await import('./novacron.ts');
} else {
  const pinned = new URL('../node_modules/node/bin/node', import.meta.url).pathname;
  if (existsSync(pinned)) handOver(pinned);
  else {
    console.error(`novacron needs Node ${NEEDED} or newer; this is ${process.version}.`);
    process.exitCode = 1;
  }
}
