/** Capacity, and what comes back each second. */
interface Rate {
  readonly capacity: number;
  readonly refill: number;
}

/** What EC2 counts of one action in one Region: calls, and the instances in them. */
interface Published {
  readonly calls: Rate;
  readonly instances: Rate;
}

const THOUSAND = 1_000;
const UNCOUNTED: Rate = { capacity: Number.POSITIVE_INFINITY, refill: 0 };

/** "Request throttling for the Amazon EC2 API" (EC2 developer guide), per account and Region. */
const PUBLISHED: Readonly<Record<string, Published>> = {
  RunInstances: { calls: { capacity: 5, refill: 2 }, instances: { capacity: THOUSAND, refill: 2 } },
  StartInstances: { calls: { capacity: 5, refill: 2 }, instances: { capacity: THOUSAND, refill: 2 } },
  StopInstances: { calls: { capacity: 50, refill: 5 }, instances: { capacity: THOUSAND, refill: 20 } },
  TerminateInstances: { calls: { capacity: 100, refill: 5 }, instances: { capacity: THOUSAND, refill: 20 } },
  DescribeInstances: { calls: { capacity: 50, refill: 10 }, instances: UNCOUNTED },
  'DescribeInstances, filtered': { calls: { capacity: 100, refill: 20 }, instances: UNCOUNTED },
};

class Bucket {
  readonly #rate: Rate;
  #left: number;
  #at: number;

  constructor(rate: Rate, now: number) {
    this.#rate = rate;
    this.#left = rate.capacity;
    this.#at = now;
  }

  left(now: number): number {
    const { capacity, refill } = this.#rate;
    this.#left = Math.min(capacity, this.#left + ((now - this.#at) / 1_000) * refill);
    this.#at = now;
    return this.#left;
  }

  take(count: number): void {
    this.#left -= count;
  }
}

/** EC2's token buckets by the published numbers, on the clock of the test. */
export class TokenBuckets {
  readonly #buckets = new Map<string, readonly [Bucket, Bucket]>();

  /** Whether EC2 takes this call now, and what it takes for it. Actions without a bucket here always pass. */
  take(action: string, region: string, instances: number): boolean {
    const rates = PUBLISHED[action];
    if (rates === undefined) return true;
    const now = Date.now();
    const key = `${action} ${region}`;
    const pair = this.#buckets.get(key) ?? ([new Bucket(rates.calls, now), new Bucket(rates.instances, now)] as const);
    this.#buckets.set(key, pair);
    const [calls, each] = pair;
    if (calls.left(now) < 1 || each.left(now) < instances) return false;
    calls.take(1);
    each.take(instances);
    return true;
  }
}
