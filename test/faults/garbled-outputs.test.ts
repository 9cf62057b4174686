import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { resultOf } from '../../lambdas/providers/kvm/outcome.ts';
import { casesOr, SEED } from '../support/cases.ts';
import { Random } from '../support/random.ts';

/** What the host's own script prints for each verb, and what may become of it on the way to the plane. */
const Said = z.array(z.object({ verb: z.string(), ok: z.boolean(), code: z.number(), line: z.string() }));
type Said = z.infer<typeof Said>[number];

const CASES = casesOr(2_000);
/** GetCommandInvocation hands out no more characters. */
const SSM_LIMIT = 24_000;

const saidByTheScript = (): readonly Said[] => {
  const done = spawnSync('/usr/bin/python3', [join(import.meta.dirname, 'host_answers.py')], { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(done.stderr);
  return Said.parse(JSON.parse(done.stdout));
};

const resultOfOutput = (output: string, code: number) =>
  resultOf({ Status: code === 0 ? 'Success' : 'Failed', ResponseCode: code, StandardOutputContent: output });

describe('what the host script prints', () => {
  const said = saidByTheScript();

  it('is believed where it is whole, and is a fault where it says so', () => {
    expect(said.filter(({ ok }) => ok).length).toBeGreaterThan(8);
    for (const { ok, code, line } of said) {
      if (ok) expect(resultOfOutput(line, code)).toEqual(JSON.parse(line.slice(line.indexOf('{'))).result);
      else expect(() => resultOfOutput(line, code)).toThrow(expect.objectContaining({ name: expect.any(String) }));
    }
  });

  /** No result may come of it but the very one that the script gave, from its very own line. */
  const assertNoFalseSuccess = ({ ok, line }: Said, output: string, code: number, how: string): boolean => {
    const honest = line.trim();
    try {
      const result = resultOfOutput(output, code);
      expect(ok, how).toBe(true);
      expect(
        output.split('\n').filter((each) => each.startsWith('NOVACRON1 ')),
        how,
      ).toEqual([honest]);
      expect(result, how).toEqual(JSON.parse(honest.slice(honest.indexOf('{'))).result);
      return true;
    } catch (error) {
      expect(error, how).toMatchObject({ name: expect.stringMatching(/^[A-Z][A-Za-z]+$/) });
      expect(error, how).not.toMatchObject({ name: 'AssertionError' });
      return false;
    }
  };

  it('cut at each length, at either end, is no success', () => {
    let believed = 0;
    let count = 0;
    for (const each of said) {
      const whole = each.line.trim();
      for (let at = 0; at < whole.length; at += 1) {
        for (const output of [
          whole.slice(0, at),
          `${whole.slice(0, at)}\n---Output truncated---`,
          whole.slice(at + 1),
        ]) {
          for (const code of [0, each.code])
            believed += Number(assertNoFalseSuccess(each, output, code, `cut at ${at}`));
          count += 2;
        }
      }
    }
    expect(believed).toBe(0);
    expect(count).toBeGreaterThan(1_000);
  });

  it(`${CASES} with bits flipped, lines doubled, swapped or mixed with errors are no false success (seed ${SEED})`, () => {
    const random = new Random(SEED);
    const flipped = (text: string, at: number, bit: number): string => {
      const bytes = Buffer.from(text);
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << bit), at);
      return bytes.toString();
    };
    const noise = 'error: Domain is already active\nTraceback (most recent call last):\n';
    const ways: readonly ((text: string) => string)[] = [
      (text) => flipped(text, random.below(text.length - 1), random.below(8)),
      (text) =>
        flipped(flipped(text, random.below(text.length - 1), random.below(8)), random.below(text.length - 1), 0),
      (text) => `${text}${text}`,
      (text) => `${text}${random.pick(said).line}`,
      (text) => `${text.slice(0, random.below(text.length))}${noise}${text.slice(random.below(text.length))}`,
      (text) => `${text}${noise}`,
      (text) => `${noise.repeat(1 + random.below(3))}${text}`,
      (text) => `${'x'.repeat(SSM_LIMIT - random.below(text.length))}\n${text}`.slice(0, SSM_LIMIT),
      (text) =>
        text.replace(/\{.*\}/, () =>
          random
            .pick(said)
            .line.replace(/^[^{]*/, '')
            .trim(),
        ),
      (text) => text.replace(/"(running|stopped|gone|stopping)"/, '"deleted"'),
      (text) => text.replaceAll('"ok":false', '"ok":true'),
    ];
    let believed = 0;
    for (let count = 0; count < CASES; count += 1) {
      const each = random.pick(said);
      const way = random.below(ways.length);
      const output = ways[way]?.(each.line) ?? '';
      // The exit code may be another one's too.
      const code = random.pick([0, each.code, random.pick(said).code]);
      believed += Number(
        assertNoFalseSuccess(each, output, code, `seed ${SEED}, case ${count}, way ${way}: ${output}`),
      );
    }
    expect(believed).toBeLessThan(CASES / 3);
  });
});
