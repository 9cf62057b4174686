import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerOfOutput } from '../../../lambdas/providers/kvm/answer-line.ts';
import { answerOfHost } from '../../../lambdas/providers/kvm/outcome.ts';
import { answerLine, sealedLine } from '../../support/kvm.ts';

const RECORDED = join(import.meta.dirname, 'answers');
const recorded = readdirSync(RECORDED).map((name) => [name, readFileSync(join(RECORDED, name), 'utf8')] as const);

const good = answerLine({ ok: true, result: { state: 'running', uuid: '2ba9e0b4-5d58-5b9b-8cf0-26e0c5e1a111' } });

describe('the answer line', () => {
  it.each(recorded.filter(([name]) => name.startsWith('ok-')))(
    'recorded from a host as %s is a result',
    (_, output) => {
      const answer = answerOfOutput(output);
      expect(answerOfHost(answer)).toMatchObject({ status: 'done' });
    },
  );

  it.each(recorded.filter(([name]) => name.startsWith('fault-')))(
    'recorded from a host as %s is that',
    (name, output) => {
      expect(answerOfOutput(output)).toMatchObject({ ok: false, fault: name.replace('fault-', '') });
    },
  );

  it('may follow other output, and blank lines may follow it', () => {
    expect(answerOfOutput(`warning: clock skew\n${good}\n\n`)).toMatchObject({
      ok: true,
      result: { state: 'running' },
    });
  });

  it.each([
    ['nothing', ''],
    ['noise only', 'Segmentation fault\n'],
    ['an answer that is not the last line', `${good}bye\n`],
    ['two answers', `${good}${good}`],
    ['a wrong length', good.replace(/NOVACRON1 \d+/, 'NOVACRON1 3')],
    ['a wrong digest', good.replace(/[0-9a-f]{64}/, '0'.repeat(64))],
    ['an answer of no JSON', sealedLine('{nonsense}')],
    ['an answer of another shape', answerLine({ ok: 'yes' })],
    ['an answer with a field of its own', answerLine({ ok: true, result: {}, extra: 1 })],
    ['a later format', good.replace('NOVACRON1', 'NOVACRON2')],
    ["SSM's mark of a cut", `${good.slice(0, 60)}\n---Output truncated---`],
  ])('is not found in %s', (_, output) => {
    expect(() => answerOfOutput(output)).toThrow(expect.objectContaining({ name: 'CommandGarbled' }));
  });
});

describe('of 1,000 damaged outputs', () => {
  const damage = fc.oneof(
    fc.nat(good.length - 3).map((at) => good.slice(0, at)),
    fc.integer({ min: 1, max: good.length - 2 }).map((at) => good.slice(at)),
    fc
      .record({ at: fc.nat(good.length - 2), to: fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 1 }) })
      .map(({ at, to }) => good.slice(0, at) + to + good.slice(at + 1)),
    fc
      .record({ from: fc.nat(good.length - 2), length: fc.integer({ min: 1, max: 40 }) })
      .map(({ from, length }) => good.slice(0, from) + good.slice(from + length)),
    fc
      .record({ at: fc.nat(good.length - 2), noise: fc.string({ minLength: 1, maxLength: 40 }) })
      .map(({ at, noise }) => good.slice(0, at) + noise + good.slice(at)),
    fc.string({ maxLength: 400 }),
    fc.string({ maxLength: 200 }).map((json) => sealedLine(`{${json}}`)),
  );

  it('none is taken for a success that the host did not say', () => {
    let refused = 0;
    fc.assert(
      fc.property(damage, (output) => {
        try {
          // Damage outside the line leaves it whole; then it says just what it said.
          expect(answerOfOutput(output)).toEqual(answerOfOutput(good));
          expect(output).toContain(good.trim());
        } catch (error) {
          expect(error).toMatchObject({ name: 'CommandGarbled' });
          refused += 1;
        }
      }),
      { numRuns: 1000 },
    );
    expect(refused).toBeGreaterThan(900);
  });
});
