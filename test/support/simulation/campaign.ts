import type { Kind } from './faults.ts';
import { type Case, happen, type Outcome, type Story } from './story.ts';

/** A story is told anew for each replay: it may hold chance of its own. */
export type Teller = () => Story;

/** The end of a trace says why; its beginning is seldom of use. */
const TRACE_LINES = 160;
/** A failing case is replayed so often at most to make it small. */
const REPLAYS = 120;

const isBad = ({ trouble }: Outcome): boolean => trouble.length > 0;

/** Takes faults away from a failing case, one by one, as long as it still fails. */
const shrunk = async (story: Teller, given: Case, first: Outcome): Promise<Case> => {
  const without = new Set<number>();
  const planWithout = (more: number): Case => ({
    ...given,
    plan: { ...given.plan, without: new Set([...without, more]) },
  });
  for (let fault = first.faults; fault > Math.max(0, first.faults - REPLAYS); fault -= 1) {
    if (isBad(await happen(story(), planWithout(fault)))) without.add(fault);
  }
  return { ...given, plan: { ...given.plan, without } };
};

/** Many cases, and what they came to. The first that breaks an invariant ends it, with its story made small. */
export class Campaign {
  readonly fired = new Map<Kind, number>();
  readonly operations = new Map<string, number>();
  readonly points = new Set<string>();
  cases = 0;
  events = 0;
  readonly #name: string;
  readonly #began = performance.now();
  readonly #used = process.cpuUsage();

  constructor(name: string) {
    this.#name = name;
  }

  /** Lets a case happen. @throws Error which tells the trouble, how to replay it, and what happened in order */
  async add(story: Teller, given: Case, replay: string): Promise<Outcome> {
    const outcome = await happen(story(), given);
    this.cases += 1;
    this.events += outcome.events;
    for (const [kind, count] of outcome.fired) this.fired.set(kind, (this.fired.get(kind) ?? 0) + count);
    for (const { state } of outcome.operations) this.operations.set(state, (this.operations.get(state) ?? 0) + 1);
    if (isBad(outcome)) throw new Error(await this.#told(story, given, outcome, replay));
    return outcome;
  }

  async #told(story: Teller, given: Case, outcome: Outcome, replay: string): Promise<string> {
    const small = await shrunk(story, given, outcome);
    const last = await happen(story(), { ...small, traced: true });
    return [
      `${this.#name}: ${outcome.trouble.join('; ')}`,
      `replay: ${replay}`,
      `with as few faults as make it fail (${[...last.fired].map(([kind, count]) => `${kind} ${count}`).join(', ')}): ${last.trouble.join('; ')}`,
      ...last.trace.slice(-TRACE_LINES),
    ].join('\n');
  }

  /** Of all operations, how many ended so. */
  share(state: string): number {
    const all = [...this.operations.values()].reduce((sum, count) => sum + count, 0);
    return all === 0 ? 0 : (this.operations.get(state) ?? 0) / all;
  }

  /** The figures, on some lines. */
  toString(): string {
    const seconds = (performance.now() - this.#began) / 1000;
    const { user, system } = process.cpuUsage(this.#used);
    const cpu = (user + system) / 1e6;
    const list = (counts: ReadonlyMap<string, number>) =>
      [...counts].map(([name, count]) => `${name} ${count}`).join(', ');
    return [
      `${this.#name}: ${this.cases} cases in ${seconds.toFixed(1)} s (${Math.round((60 * this.cases) / seconds)} a minute; ${Math.round((60 * this.cases) / cpu)} a minute of CPU time), ${this.events} events`,
      `  operations: ${list(this.operations)}; 0 lost, 0 doubled, 0 orphaned; needs attention: ${(100 * this.share('needs-attention')).toFixed(2)} %`,
      `  faults fired: ${list(this.fired)}`,
      ...(this.points.size > 0 ? [`  distinct crash points: ${this.points.size}`] : []),
    ].join('\n');
  }
}
