import { type ChainedEntry, GENESIS, type Head, type HeadKey, hashOf, isSigned, type Standing } from './chain.ts';

/**
 * What can be wrong at a place of a chain. `edited`: an entry is not what its hash says. `replaced`: it is whole, but not
 * the one that was there when the next was chained to it, or when a head was signed over it. `missing`: entries were
 * dropped. `repeated`, `misplaced`: entries that do not belong there: doubled, inserted, out of order, of another chain.
 * `truncated`: the chain ends before a signed head. `forged`: a head that no key of the plane has signed.
 */
export type Damage = 'edited' | 'replaced' | 'missing' | 'repeated' | 'misplaced' | 'truncated' | 'forged';

/** One damage, at an entry or from one to another. */
export interface Fault {
  readonly damage: Damage;
  readonly from: number;
  readonly to: number;
  readonly detail: string;
}

export interface Verdict {
  /** How many entries were looked at. */
  readonly entries: number;
  /** The last of them in order. */
  readonly last: Standing;
  /** Up to which entry signed heads vouch; 0 where none does. Younger ones are only chained. */
  readonly sealed: number;
  readonly faults: readonly Fault[];
}

export interface Check {
  readonly project: string;
  readonly heads: readonly Head[];
  readonly keys: readonly HeadKey[];
  /** Where the entries begin, if not at the very first: behind it, what was before is taken on trust. */
  readonly after?: { readonly seq: number };
}

/** How far a walk has come. */
interface Mark {
  readonly last: Standing;
  /** Not so before the first entry of a part, and behind a gap. */
  readonly known: boolean;
  readonly sealed: number;
}

interface Walk {
  readonly check: Check;
  readonly heads: ReadonlyMap<number, readonly Head[]>;
  readonly faults: Fault[];
  entries: number;
  mark: Mark;
  /** The entry before jumped ahead, and this was the mark before it: the gap may be real, or the entry out of order. */
  leap: Mark | undefined;
}

const at = (damage: Damage, from: number, detail: string, to = from): Fault => ({ damage, from, to, detail });

/** What is wrong with an entry's place. */
const outOfLine = ({ mark: { last }, check }: Walk, { seq, project }: ChainedEntry): Fault | undefined => {
  const due = last.seq + 1;
  if (project !== check.project) return at('misplaced', due, `An entry of project ${project} lies here.`);
  if (seq === last.seq) return at('repeated', seq, 'There are two of it.');
  if (seq < last.seq) return at('misplaced', seq, `It comes after ${last.seq}.`);
  return seq === due ? undefined : at('missing', due, `Not there: ${seq - due}.`, seq - 1);
};

/** Up to where heads vouch once this entry is passed. */
const sealedBy = ({ mark, heads, faults }: Walk, entry: ChainedEntry): number => {
  let { sealed } = mark;
  for (const head of heads.get(entry.seq) ?? []) {
    if (head.hash === entry.hash) sealed = entry.seq;
    else {
      const detail = `The head of ${head.at} vouches for another one; what came since the head before may be rewritten.`;
      faults.push(at('replaced', mark.sealed + 1, detail, entry.seq));
    }
  }
  return sealed;
};

/** Where the entry after a leap belongs before it, what leapt was out of order, and nothing is missing yet. */
const landed = (walk: Walk, { seq }: ChainedEntry): void => {
  const { leap, mark, faults } = walk;
  walk.leap = undefined;
  if (leap === undefined || seq <= leap.last.seq || seq >= mark.last.seq) return;
  const gap = faults.findLastIndex(({ damage }) => damage === 'missing');
  faults.splice(gap, 1, at('misplaced', mark.last.seq, `It comes after ${leap.last.seq}.`));
  walk.mark = leap;
};

const step = (walk: Walk, entry: ChainedEntry): void => {
  walk.entries += 1;
  landed(walk, entry);
  const { mark, faults } = walk;
  const misplaced = outOfLine(walk, entry);
  const isWhole = hashOf(entry) === entry.hash;
  if (!isWhole) {
    // Its number may be edited too: it is told by where it lies.
    faults.push(at('edited', mark.last.seq + 1, `Number ${entry.seq}: its fields are not what its hash says.`));
    if (misplaced) return;
  } else if (misplaced) {
    faults.push(misplaced);
    if (misplaced.damage !== 'missing') return;
    walk.leap = mark;
  } else if (mark.known && entry.previous !== mark.last.hash) {
    faults.push(at('replaced', mark.last.seq, `${entry.seq} was chained to another one.`));
  }
  walk.mark = {
    last: { seq: entry.seq, hash: entry.hash },
    known: true,
    sealed: isWhole ? sealedBy(walk, entry) : mark.sealed,
  };
};

const bySeq = (heads: readonly Head[]): ReadonlyMap<number, readonly Head[]> => Map.groupBy(heads, ({ seq }) => seq);

const ended = ({ faults, entries, mark: { last, sealed }, heads }: Walk): Verdict => {
  const furthest = Math.max(0, ...heads.keys());
  if (furthest > last.seq) {
    faults.push(at('truncated', last.seq + 1, `A signed head vouches for entries up to ${furthest}.`, furthest));
  }
  return { entries, last, sealed, faults };
};

/** Walks entries in the order in which they lie, oldest first, and says what is wrong where. Holds one entry at a time. */
export const checkChain = async (
  entries: AsyncIterable<ChainedEntry> | Iterable<ChainedEntry>,
  check: Check,
): Promise<Verdict> => {
  const [good, forged] = [check.heads.filter(isGood(check)), check.heads.filter((head) => !isGood(check)(head))];
  const walk: Walk = {
    check,
    heads: bySeq(good),
    faults: forged.map(({ seq, at: when }) => at('forged', seq, `No key of the plane signed the head of ${when}.`)),
    entries: 0,
    mark: {
      last: check.after ? { ...GENESIS, seq: check.after.seq } : GENESIS,
      known: check.after === undefined,
      sealed: 0,
    },
    leap: undefined,
  };
  for await (const entry of entries) step(walk, entry);
  return ended(walk);
};

const isGood =
  ({ project, keys }: Check) =>
  (head: Head): boolean =>
    head.project === project && isSigned(head, keys);
