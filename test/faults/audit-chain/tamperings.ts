import type { ChainedEntry } from '../../../lambdas/domain/chain.ts';
import type { Damage } from '../../../lambdas/domain/chain-check.ts';
import { anEntry, type Ledger, rehashed, relinked } from '../../support/ledger.ts';
import type { Random } from '../../support/random.ts';

/** What was done to a ledger, and what must be found. */
export interface Tampered {
  readonly ledger: Ledger;
  /** The number of the entry at which it was done. */
  readonly seq: number;
  /** Another that may be told of in its place: of two that changed places, either is out of order. */
  readonly or?: number;
  /** Where the forger wrote nothing anew: the damage, at this very entry and at most at its neighbours. */
  readonly exactly?: Damage;
}

interface Scene {
  readonly random: Random;
  readonly ledger: Ledger;
  readonly entries: readonly ChainedEntry[];
  /** An entry of the ledger. */
  readonly entry: ChainedEntry;
  readonly seq: number;
}

const at = ({ ledger, seq }: Scene, entries: readonly ChainedEntry[], exactly?: Damage): Tampered => ({
  ledger: { ...ledger, entries },
  seq,
  ...(exactly ? { exactly } : {}),
});

/** One field of the entry changed, whichever it is; a text by one letter, a number by one, an object by one field. */
const edited = ({ random, entry }: Scene): ChainedEntry => {
  const [name, value] = random.pick(Object.entries(entry));
  const changed = typeof value === 'number' ? value + random.pick([-1, 1, 5]) : `${String(value).slice(0, -1)}~`;
  const more = typeof value === 'object' ? { ...value, added: true } : changed;
  return { ...entry, [name]: more };
};

const forged = ({ random, entry }: Scene): ChainedEntry => {
  const { version: _, project: __, ...fields } = anEntry(random, 99_999);
  return rehashed({ ...entry, ...fields });
};

const swapped = ({ random, entries, seq }: Scene): [ChainedEntry[], ChainedEntry] => {
  const other = random.pick(entries.filter((each) => each.seq !== seq));
  const list = [...entries];
  [list[seq - 1], list[other.seq - 1]] = [other, entries[seq - 1] ?? other];
  return [list, other];
};

/** Everything that can be done to a log by who can write its table; heads are out of reach, but for the last of them here. */
export const TAMPERINGS: Readonly<Record<string, (scene: Scene) => Tampered>> = {
  'edits a field': (scene) => at(scene, scene.entries.with(scene.seq - 1, edited(scene)), 'edited'),
  'removes a field': (scene) => {
    const { before: _, after: __, from: ___, outcome: ____, ...rest } = scene.entry;
    // What is left is no whole entry, which is the point.
    return at(scene, scene.entries.with(scene.seq - 1, rest as ChainedEntry), 'edited');
  },
  'edits an entry and hashes it anew': (scene) => at(scene, scene.entries.with(scene.seq - 1, forged(scene))),
  'edits an entry and links all anew': (scene) => at(scene, relinked(scene.entries.with(scene.seq - 1, forged(scene)))),
  'drops an entry': (scene) =>
    at(
      scene,
      scene.entries.filter(({ seq }) => seq !== scene.seq),
      scene.seq === scene.entries.length ? 'truncated' : 'missing',
    ),
  'drops an entry and links all anew': (scene) =>
    at(scene, relinked(scene.entries.filter(({ seq }) => seq !== scene.seq))),
  'swaps two entries': (scene) => {
    const [list, other] = swapped(scene);
    return { ...at(scene, list), or: other.seq };
  },
  'swaps what two entries tell': (scene) => {
    const [list, other] = swapped(scene);
    const { seq, previous, hash } = scene.entry;
    return { ...at(scene, list.with(scene.seq - 1, { ...other, seq, previous, hash })), or: seq + 1 };
  },
  'moves an entry elsewhere': (scene) => {
    const rest = scene.entries.filter(({ seq }) => seq !== scene.seq);
    const places = Array.from(scene.entries.keys()).filter((place) => place !== scene.seq - 1);
    const place = scene.random.pick(places);
    return { ...at(scene, rest.toSpliced(place, 0, scene.entry)), or: place + 1 };
  },
  'doubles an entry': (scene) =>
    at(scene, scene.entries.toSpliced(scene.random.whole(0, scene.entries.length), 0, scene.entry)),
  'inserts an entry': (scene) => at(scene, scene.entries.toSpliced(scene.seq - 1, 0, forged(scene))),
  'inserts an entry and links all anew': (scene) =>
    at(scene, relinked(scene.entries.toSpliced(scene.seq - 1, 0, forged(scene)))),
  'puts in an entry of another project': (scene) =>
    at(scene, scene.entries.with(scene.seq - 1, rehashed({ ...scene.entry, project: 'other' }))),
  'cuts the end off': (scene) => at(scene, scene.entries.slice(0, scene.seq - 1), 'truncated'),
  'takes everything': (scene) => ({ ...at(scene, [], 'truncated'), seq: 1 }),
  'changes a head': (scene) => {
    const { heads } = scene.ledger;
    const head = scene.random.pick(heads);
    const wrong = scene.random.pick([
      { seq: head.seq + 1 },
      { hash: 'f'.repeat(64) },
      { at: '2020-01-01T00:00:00.000Z' },
      { signature: 'A'.repeat(86) },
      { project: 'other' },
    ]);
    const list = heads.map((each) => (each === head ? { ...head, ...wrong } : each));
    return { ledger: { ...scene.ledger, heads: list }, seq: wrong.seq ?? head.seq, exactly: 'forged' };
  },
};

/** Does one of these to the ledger, at an entry of it. */
export const tamper = (name: string, random: Random, ledger: Ledger): Tampered => {
  const entry = random.pick(ledger.entries);
  const work = TAMPERINGS[name];
  if (work === undefined) throw new Error(`no tampering is called ${name}`);
  return work({ random, ledger, entries: ledger.entries, entry, seq: entry.seq });
};
