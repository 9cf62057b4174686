import { expect, it } from 'vitest';
import { DEFAULT_PRICE_BOOK, ec2Price, kvmPrice, Price, PriceBook } from '../../lambdas/domain/price.ts';
import { SIZES } from '../../lambdas/domain/size.ts';

it('names the list price of a type with its day', () => {
  expect(ec2Price('t3.small', 'us-east-1')).toEqual({
    hourlyUsd: 0.0208,
    monthlyUsd: 15.184,
    kind: 'list',
    source: expect.stringContaining('AWS price list'),
    asOf: '2026-07-20',
  });
});

it.each([
  ['a Region that the table does not know', 't3.small', 'ap-south-1'],
  ['a type that the table does not know', 'x99.small', 'us-east-1'],
])('says unknown for %s instead of a guess', (_, type, region) => {
  expect(ec2Price(type, region)).toEqual({
    hourlyUsd: null,
    monthlyUsd: null,
    kind: 'unknown',
    source: `no price known for ${type} in ${region}`,
    asOf: null,
  });
});

it('knows a price for each type of each size in us-east-1', () => {
  for (const type of SIZES.flatMap((size) => size.instanceTypes)) {
    expect(Price.parse(ec2Price(type, 'us-east-1')).hourlyUsd).toBeGreaterThan(0);
  }
});

it('reckons own iron by the price book and calls it an estimate', () => {
  const book = PriceBook.parse({
    usdPerVcpuHour: 0.01,
    usdPerGiBMemoryHour: 0.001,
    usdPerGiBDiskMonth: 0.73,
    source: 'estimate: ours',
    asOf: '2026-01-01',
  });
  expect(kvmPrice({ vcpus: 2, memoryMiB: 4096, diskGiB: 10 }, book)).toEqual({
    hourlyUsd: 0.034,
    monthlyUsd: 24.82,
    kind: 'estimate',
    source: 'estimate: ours',
    asOf: '2026-01-01',
  });
});

it('labels the default book as an estimate too', () => {
  const price = kvmPrice({ vcpus: 1, memoryMiB: 1024, diskGiB: 8 });
  expect(price).toMatchObject({ hourlyUsd: 0.0028, monthlyUsd: 2.0645, asOf: '2026-11-25' });
  expect(price).toMatchObject({ kind: 'estimate', source: DEFAULT_PRICE_BOOK.source });
  expect(price.source).toMatch(/^estimate/);
});
