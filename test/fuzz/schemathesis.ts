import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import * as z from 'zod';
import openapi from '../../docs/openapi.json' with { type: 'json' };
import { leaves } from '../support/audited.ts';
import { SEED } from '../support/cases.ts';
import { SIGNED } from '../support/gateway.ts';
import { ROOT } from '../support/run.ts';
import type { FuzzedWorld } from './world.ts';

/** What schemathesis itself says of its run, as far as it is looked at. */
const Report = z.object({
  complete: z.boolean(),
  operations: z.object({ total: z.number(), tested: z.number() }),
  test_cases: z.object({ generated: z.number(), with_failures: z.number(), errored: z.number() }),
  failures: z.array(z.object({ code: z.string(), title: z.string(), operations: z.array(z.string()) })),
  errors: z.array(z.unknown()),
  valid_rates: z.record(z.string(), z.record(z.string(), z.object({ accepted: z.number() }))),
});

export interface Fuzzed extends z.infer<typeof Report> {
  /** All that was printed: each failure with the request that shows it. */
  readonly output: string;
}

/** As a file: an address that is part of the API would be left out of the run. */
const OPENAPI = join(ROOT, 'docs/openapi.json');
const PROGRAM = join(ROOT, '.novacron/venv/bin/schemathesis');

const ranOf = (args: readonly string[], cwd: string, env: Readonly<Record<string, string>>): Promise<string> =>
  new Promise((done, failed) => {
    const child = spawn(PROGRAM, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += String(data)));
    child.on('error', failed).on('close', () => done(output));
  });

/** Runs schemathesis over the checked-in OpenAPI, which is the one that the API serves. @throws where it leaves no report */
export const fuzz = async ({ gateway, admin, host }: FuzzedWorld, args: readonly string[]): Promise<Fuzzed> => {
  const home = mkdtempSync(join(tmpdir(), 'novacron-fuzz-'));
  const report = join(home, 'report.json');
  const config = ['--config-file', join(ROOT, 'test/fuzz/schemathesis.toml')];
  const how = ['--seed', String(SEED), '--generation-database', 'none', '--no-color', '--report-json-path', report];
  try {
    const line = [...config, 'run', OPENAPI, '--url', gateway.url, ...how, ...args];
    const output = await ranOf(line, home, { ADMIN: admin, HOST: host, SIGNED });
    return { ...Report.parse(JSON.parse(readFileSync(report, 'utf8'))), output };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
};

/** How many operations the OpenAPI has, of all its paths or of some. */
export const operationsOf = (isOfThem: (path: string) => boolean = () => true): number =>
  Object.entries(openapi.paths)
    .filter(([path]) => isOfThem(path))
    .reduce((sum, [, methods]) => sum + Object.keys(methods).length, 0);

/**
 * The run was whole and large enough, and broke nothing: neither an answer nor, by the invariants, what it left behind.
 * `tested`: so many operations, which is all where nobody says otherwise.
 */
export const expectSound = async (
  world: FuzzedWorld,
  fuzzed: Fuzzed,
  least: number,
  tested = operationsOf(),
): Promise<void> => {
  const { output, failures, errors, complete, operations, test_cases: cases } = fuzzed;
  // The host that reports here tells by its inventory that VMs are gone, and so they are.
  leaves('VmLost');
  await world.gateway.close();
  const served = [...world.gateway.statuses];
  expect(served.filter(([status]) => status >= 500)).toEqual([]);
  expect(world.errors).toEqual([]);
  expect({ failures, errors, complete }, output).toEqual({ failures: [], errors: [], complete: true });
  expect(operations).toEqual({ total: operationsOf(), tested });
  expect(cases).toMatchObject({ with_failures: 0, errored: 0 });
  expect(cases.generated).toBeGreaterThanOrEqual(least);
  expect(served.reduce((sum, [, times]) => sum + times, 0)).toBeGreaterThanOrEqual(least);
  console.info(`${cases.generated} cases, answered`, Object.fromEntries(served.sort()));
};
