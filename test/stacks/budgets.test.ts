import { describe, expect, it } from 'vitest';
import { loadOnce, weights } from '../../bench/functions.ts';
import { monthlyFigures } from '../../bench/monthly.ts';
import { budgets, USUAL, usdPerThousand } from '../../bench/operations.ts';
import { pathOf } from '../../bench/paths.ts';
import { bundle, entries } from '../../lib/bundles.ts';
import { run } from '../workflows/interpreter.ts';
import { machineOf } from '../workflows/machines.ts';

const { gzipKiB, ceilingsKiB, operations } = budgets;
const weighed = weights();

describe('the weight of functions', () => {
  it('has a budget for each, and for no other', () => {
    expect(Object.keys(gzipKiB).sort()).toEqual(weighed.map(({ entry }) => entry).sort());
  });

  it.each(weighed)('$entry is within 5 % of its budget', ({ entry, gzipKiB: kiB }) => {
    expect(kiB).toBeLessThanOrEqual((gzipKiB[entry] ?? 0) * 1.05);
  });

  it.each(weighed)('$entry is below the ceiling', ({ entry, gzipKiB: kiB }) => {
    const holdsEc2 = bundle(entries()).get(entry)?.text.includes('com.amazonaws.ec2') ?? false;
    const ceiling = holdsEc2 ? ceilingsKiB.holdingEc2 : ceilingsKiB.plain;
    expect(kiB).toBeLessThanOrEqual(ceiling);
  });

  it.each(weighed)('$entry holds neither the tracer nor the default credential chain', ({ entry }) => {
    const text = bundle(entries()).get(entry)?.text ?? '';
    expect(text).not.toMatch(/aws-xray-sdk|\.aws\/credentials|AWS_CONTAINER_CREDENTIALS/);
  });
});

describe('a bundle in a process of its own', () => {
  it.each(weighed)('$entry loads with the variables of its stack alone', async ({ entry }) => {
    expect((await loadOnce(pathOf(entry))).wallMs).toBeGreaterThan(0);
  });
});

describe('the price of operations', () => {
  it.each(Object.entries(operations))('%s enters as many states as its budget says', async (kind, { transitions }) => {
    const input = { operationId: 'op-1', graceSeconds: 60, readyTimeoutSeconds: 300 };
    const watched = await run(machineOf(kind), input, () => ({ result: {} }));
    expect(watched.transitions).toBe(budgets.watched[kind] ?? transitions);
    const ready = await run(machineOf(kind), input, () => ({ result: { ready: { status: 'true' } } }));
    expect(ready.transitions).toBe(transitions);
    expect(Math.max(watched.transitions, transitions)).toBeLessThanOrEqual(5);
  });

  it.each(Object.entries(operations))('a thousand %s cost at most 0.15 USD, a quarter of the usual', (kind, counts) => {
    expect(counts.providerCalls).toBeLessThanOrEqual(2);
    expect(counts.awsCalls).toBeLessThanOrEqual(9);
    const dearest = usdPerThousand({ ...counts, transitions: budgets.watched[kind] ?? counts.transitions });
    expect(dearest).toBeLessThanOrEqual(0.15);
    expect(dearest).toBeLessThan(usdPerThousand(USUAL) / 4);
  });

  it.each(Object.entries(operations))('a thousand %s are within 5 % of their budget', (kind, counts) => {
    expect(usdPerThousand(counts)).toBeLessThanOrEqual((budgets.usdPerThousand[kind] ?? 0) * 1.05);
  });
});

describe('the price of a month', () => {
  const { total = {}, 'totals of the plane': totals = {} } = monthlyFigures();

  it('is below 5 USD for an installation in which nothing happens', () => {
    expect(total.idle).toBeLessThan(5);
  });

  it('has no totals of a plane in which nothing is, and those of any other for less than five dollars', () => {
    const { idle, ...others } = totals;
    expect(idle).toBe(0);
    for (const usd of Object.values(others)) expect(usd > 0 && usd < 5).toBe(true);
  });

  it('has a budget for each size of installation, and for no other', () => {
    expect(Object.keys(budgets.usdAMonth)).toEqual(Object.keys(total));
  });

  it.each(Object.entries(total))('%s, which costs %f USD, is within a twentieth of its budget', (size, usd) => {
    expect(usd).toBeLessThanOrEqual((budgets.usdAMonth[size] ?? 0) * 1.05);
  });
});
