import * as z from 'zod';
import { EC2_TYPES } from './ec2-types.ts';

/** What a VM costs while it runs, without disks and traffic; nulls where nobody has told us, with `source` saying so. */
export const Price = z.strictObject({
  hourlyUsd: z.number().nonnegative().nullable(),
  /** 730 hours, the month of AWS's own calculators. */
  monthlyUsd: z.number().nonnegative().nullable(),
  /** A list price is a fact of its day; an estimate rests on the price book of the installation. */
  kind: z.enum(['list', 'estimate', 'unknown']),
  source: z.string(),
  /** The day the figures are of, YYYY-MM-DD. */
  asOf: z.string().nullable(),
});
export type Price = z.infer<typeof Price>;

/** What an hour of own iron is reckoned at; set in the installation's context, else DEFAULT_PRICE_BOOK. */
export const PriceBook = z.strictObject({
  usdPerVcpuHour: z.number().nonnegative(),
  usdPerGiBMemoryHour: z.number().nonnegative(),
  usdPerGiBDiskMonth: z.number().nonnegative(),
  source: z.string(),
  asOf: z.iso.date(),
});
export type PriceBook = z.infer<typeof PriceBook>;

const HOURS_A_MONTH = 730;

/**
 * An assumption to be replaced, not a quotation: a host of 8,000 USD and 64 threads, 256 GiB, 4 TB, written off over
 * four years, 350 W at 0.20 USD/kWh, half of the cost laid on vCPU, 40 % on memory, 10 % on disk.
 */
export const DEFAULT_PRICE_BOOK: PriceBook = {
  usdPerVcpuHour: 0.0023,
  usdPerGiBMemoryHour: 0.00047,
  usdPerGiBDiskMonth: 0.0053,
  source: 'estimate: the default price book; set your own in the context key priceBook',
  asOf: '2026-11-25',
};

const cents = (usd: number): number => Math.round(usd * 10_000) / 10_000;

/** On-demand list price of an EC2 type in a Region; `unknown` where the dated table has none. */
export const ec2Price = (instanceType: string, region: string): Price => {
  const { asOf, source, types } = EC2_TYPES;
  const hourly = types.find((each) => each.type === instanceType)?.usdPerHour[region];
  return hourly === undefined
    ? {
        hourlyUsd: null,
        monthlyUsd: null,
        kind: 'unknown',
        source: `no price known for ${instanceType} in ${region}`,
        asOf: null,
      }
    : { hourlyUsd: hourly, monthlyUsd: cents(hourly * HOURS_A_MONTH), kind: 'list', source, asOf };
};

/** What this shape is reckoned at on a host of one's own, by the price book: always an estimate. */
export const kvmPrice = (
  shape: { vcpus: number; memoryMiB: number; diskGiB: number },
  book: PriceBook = DEFAULT_PRICE_BOOK,
): Price => {
  const hourly =
    shape.vcpus * book.usdPerVcpuHour +
    (shape.memoryMiB / 1024) * book.usdPerGiBMemoryHour +
    (shape.diskGiB * book.usdPerGiBDiskMonth) / HOURS_A_MONTH;
  return {
    hourlyUsd: cents(hourly),
    monthlyUsd: cents(hourly * HOURS_A_MONTH),
    kind: 'estimate',
    source: book.source,
    asOf: book.asOf,
  };
};
