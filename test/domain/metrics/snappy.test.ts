import fc from 'fast-check';
import { expect, it } from 'vitest';
import { snappy } from '../../../lambdas/domain/metrics/snappy.ts';

/** What a block says, read as format_description.txt has it, whoever wrote it. @throws where it says nothing whole */
const read = (block: Buffer): Buffer => {
  let at = 0;
  const number = (bytes: number): number => {
    const value = block.readUIntLE(at, bytes);
    at += bytes;
    return value;
  };
  let length = 0;
  for (let shift = 0, byte = 0x80; byte >= 0x80; shift += 7) {
    byte = number(1);
    length += (byte & 0x7f) * 2 ** shift;
  }
  const out: number[] = [];
  while (at < block.length) {
    const tag = number(1);
    const upper = tag >> 2;
    if ((tag & 3) === 0) {
      const size = (upper < 60 ? upper : number(upper - 59)) + 1;
      for (const byte of block.subarray(at, at + size)) out.push(byte);
      at += size;
    } else {
      expect(tag & 3).toBe(2);
      const back = number(2);
      expect(back > 0 && back <= out.length).toBe(true);
      for (let left = upper + 1; left > 0; left -= 1) out.push(out[out.length - back] ?? 0);
    }
  }
  expect(out).toHaveLength(length);
  return Buffer.from(out);
};

it('a block is read as what was written, whatever it is', () => {
  const repeating = fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 90 }), fc.integer({ min: 1, max: 60 }), fc.uint8Array())
    .map(([part, times, rest]) => Buffer.concat([...Array(times).fill(part), rest]));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 3000 }), repeating), (bytes) => {
      expect(read(snappy(bytes)).equals(bytes)).toBe(true);
    }),
  );
});

it('what is longer than copies reach, and literals of each length, are read as well', () => {
  const random = (length: number): Buffer => {
    const bytes = Buffer.alloc(length);
    for (let at = 0, state = 7; at < length; at += 1) {
      state = (state * 48_271) % 0x7fff_ffff;
      bytes[at] = state >>> 16;
    }
    return bytes;
  };
  for (const length of [0, 1, 3, 4, 60, 61, 255, 256, 257, 65_535, 65_536, 65_537, 70_000]) {
    expect(read(snappy(random(length))).equals(random(length)), String(length)).toBe(true);
  }
  const far = Buffer.concat([random(66_000), random(66_000)]);
  expect(read(snappy(far)).equals(far)).toBe(true);
});

it('text like that of labels is a fraction of itself', () => {
  const text = Array.from(
    { length: 500 },
    (_, n) => `vm="web-${n}",vm_id="vm-${n}",host="rack-1",project="default"`,
  ).join();
  expect(snappy(Buffer.from(text)).length).toBeLessThan(text.length / 3);
});
