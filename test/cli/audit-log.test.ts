import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aLedger, KEY, type Ledger } from '../support/ledger.ts';
import { Random } from '../support/random.ts';
import { type FakePlane, startPlane } from './fake-plane.ts';
import { type } from './typed.ts';

let plane: FakePlane;
let home: string;
let env: Record<string, string>;
let ledger: Ledger;

beforeEach(async () => {
  plane = await startPlane();
  home = mkdtempSync(join(tmpdir(), 'novacron-'));
  env = { NOVACRON_URL: plane.url, NOVACRON_TOKEN: 'secret' };
  ledger = aLedger(new Random(7), 9);
  plane.audit = { ...ledger, keys: [KEY] };
});
afterEach(async () => {
  rmSync(home, { recursive: true });
  await plane.close();
});

/** The ninth entry says something else than it did. */
const edited = () => ledger.entries.with(4, { ...Object.assign({}, ledger.entries[4]), by: 'nobody' });

describe('audit list', () => {
  it('shows who asked for what, and asks for the time that was said', async () => {
    const { code, out } = await type('audit list --since 2026-11-25T10:00:00Z -f action=stop-vm', { env });
    expect(code).toBe(0);
    expect(out).toMatch(/SEQ +AT +ACTION +OUTCOME/);
    expect(plane.seen.at(-1)?.query).toMatchObject({ since: '2026-11-25T10:00:00Z', filter: 'action=stop-vm' });
  });
});

describe('audit verify', () => {
  it('reads every page, and says up to where heads vouch', async () => {
    const { code, out } = await type('audit verify', { env });
    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringMatching(
        /^Whole: 9 entries of project default\.\nSigned heads vouch for entries up to 9, as of /,
      ),
    });
  });

  it('names the place that was changed, and ends with 1', async () => {
    plane.audit = { ...plane.audit, entries: edited() };
    const { code, out } = await type('audit verify', { env });
    expect(code).toBe(1);
    expect(out).toMatch(/edited +5 +Number 5: its fields are not what its hash says\./);
    expect(out).toContain('Broken: 1 damages among 9 entries');
    const json = JSON.parse((await type('audit verify -o json', { env })).out);
    expect(json).toMatchObject({ project: 'default', entries: 9, faults: [{ damage: 'edited', from: 5, to: 5 }] });
  });

  it('finds a cut end by its heads', async () => {
    plane.audit = { ...plane.audit, entries: ledger.entries.slice(0, 7) };
    expect((await type('audit verify', { env })).out).toMatch(/truncated +8 to 9/);
  });

  it('says what is not vouched for yet', async () => {
    plane.audit = { entries: ledger.entries, heads: [], keys: [] };
    expect((await type('audit verify', { env })).out).toContain('No head is signed yet');
  });

  it('trusts the kept key alone, where there is one', async () => {
    const kept = join(home, 'key.json');
    writeFileSync(kept, (await type('audit key', { env })).out);
    expect(await type(['audit', 'verify', '--key', kept], { env })).toMatchObject({ code: 0, err: '' });
    writeFileSync(kept, JSON.stringify({ items: [] }));
    const { code, out } = await type(['audit', 'verify', '--key', kept], { env });
    expect([code, out]).toEqual([1, expect.stringContaining('forged')]);
    expect((await type(['audit', 'verify', '--key', join(home, 'none')], { env })).err).toContain('holds no key');
  });
});

describe('audit export', () => {
  const exported = async (): Promise<string> => {
    const path = join(home, 'audit.jsonl');
    writeFileSync(path, (await type('audit export', { env })).out);
    return path;
  };
  const verified = (path: string) => type(['audit', 'verify', '--file', path]);

  it('is verified without a plane', async () => {
    expect(await verified(await exported())).toMatchObject({
      code: 0,
      out: expect.stringContaining('Whole: 9 entries'),
    });
  });

  it.each<[string, (lines: string[]) => string[], RegExp]>([
    ['edited', (lines) => lines.map((line) => line.replace('"subject":"vm-', '"subject":"vm-9')), /edited +1 /],
    ['without its last line', (lines) => lines.slice(0, -1), /truncated +9 /],
    ['in another order', (lines) => [...lines.slice(0, -2), ...lines.slice(-2).toReversed()], /misplaced/],
    ['without an entry', (lines) => lines.toSpliced(-3, 1), /missing +7 /],
    ['with a line twice', (lines) => [...lines, ...lines.slice(-1)], /repeated +9 /],
    ['without any entry', (lines) => lines.filter((line) => !line.startsWith('{"entry"')), /truncated +1 to 9/],
  ])('%s is found out', async (_, tamper, found) => {
    const path = await exported();
    writeFileSync(path, `${tamper(readFileSync(path, 'utf8').trim().split('\n')).join('\n')}\n`);
    const { code, out } = await verified(path);
    expect([code, out]).toEqual([1, expect.stringMatching(found)]);
  });

  it.each([
    ['no JSON', '{'],
    ['something else', '{"vm":1}\n'],
    ['a number', '7\n'],
    ['an entry without its number', '{"project":"a"}\n{"entry":{}}\n'],
    ['entries of nobody', '\n'],
  ])('that is %s is told in one sentence', async (_, text) => {
    const path = join(home, 'wrong.jsonl');
    writeFileSync(path, text);
    const { code, err } = await verified(path);
    expect([code, err]).toEqual([1, expect.stringMatching(/(Line \d of|does not say whose)/)]);
  });
});
