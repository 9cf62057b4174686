/** Copies look back no further than two bytes can say, and are of no more bytes than fit beside their tag. */
const FARTHEST = 0xffff;
const LONGEST_COPY = 64;
const LEAST_MATCH = 4;

const TABLE_BITS = 14;

/** The two lower bits of a tag (format_description.txt, 2). */
const LITERAL = 0b00;
const COPY_2 = 0b10;

/** In place of a literal's length: it follows, in so many bytes. */
const LENGTH_IN = { one: 60, two: 61, three: 62 } as const;

/** What may come of so many bytes at worst: the bound of snappy's own `MaxCompressedLength`. */
const mostOf = (length: number): number => 32 + length + Math.ceil(length / 6);

class Writer {
  readonly #out: Buffer;
  #at = 0;

  constructor(length: number) {
    this.#out = Buffer.alloc(mostOf(length));
  }

  #number(value: number, bytes: number): void {
    this.#at = this.#out.writeUIntLE(value, this.#at, bytes);
  }

  /** How long the whole is, seven bits a byte. */
  length(value: number): void {
    let left = value;
    for (; left >= 0x80; left >>>= 7) this.#number((left & 0x7f) | 0x80, 1);
    this.#number(left, 1);
  }

  literal(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const last = bytes.length - 1;
    if (last < LENGTH_IN.one) this.#number((last << 2) | LITERAL, 1);
    else {
      const [tag, width] =
        last < 0x100 ? [LENGTH_IN.one, 1] : last < 0x1_0000 ? [LENGTH_IN.two, 2] : [LENGTH_IN.three, 3];
      this.#number((tag << 2) | LITERAL, 1);
      this.#number(last, width);
    }
    this.#out.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  copy(back: number, length: number): void {
    for (let left = length; left > 0; left -= LONGEST_COPY) {
      this.#number(((Math.min(left, LONGEST_COPY) - 1) << 2) | COPY_2, 1);
      this.#number(back, 2);
    }
  }

  bytes(): Buffer {
    return this.#out.subarray(0, this.#at);
  }
}

/** Where the four bytes at a place were seen last, by their hash: a place, plus one. */
class Seen {
  readonly #places = new Int32Array(1 << TABLE_BITS);

  /** The last place with these bytes that a copy reaches, -1 where there is none; from now on it is this one. */
  swap(input: Buffer, at: number): number {
    const bytes = input.readUInt32LE(at);
    const hash = Math.imul(bytes, 0x1e35_a7bd) >>> (32 - TABLE_BITS);
    const place = (this.#places[hash] ?? 0) - 1;
    this.#places[hash] = at + 1;
    return place >= 0 && at - place <= FARTHEST && input.readUInt32LE(place) === bytes ? place : -1;
  }
}

const matchOf = (input: Buffer, place: number, at: number): number => {
  let length = LEAST_MATCH;
  while (at + length < input.length && input[place + length] === input[at + length]) length += 1;
  return length;
};

/**
 * Bytes as one block of snappy, up to 16 MiB of them: literals, and copies of what stands before.
 * https://github.com/google/snappy/blob/main/format_description.txt
 */
export const snappy = (bytes: Uint8Array): Buffer => {
  const input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const writer = new Writer(input.length);
  const seen = new Seen();
  writer.length(input.length);
  let [at, told] = [0, 0];
  while (at + LEAST_MATCH <= input.length) {
    const place = seen.swap(input, at);
    if (place < 0) {
      at += 1;
      continue;
    }
    const length = matchOf(input, place, at);
    writer.literal(input.subarray(told, at));
    writer.copy(at - place, length);
    at += length;
    told = at;
  }
  writer.literal(input.subarray(told));
  return writer.bytes();
};
