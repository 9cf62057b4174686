const PRIME_LOW = 0x1b3;
const HALF = 0x1_0000_0000;

/**
 * FNV-1a of 64 bits, in 16 hex digits. In two halves of plain numbers: the prime is 2^40 + 0x1b3, so that no product is
 * beyond what a number holds exactly, and 10,000 alerts cost no big integers.
 */
export const fnv1a = (bytes: Uint8Array): string => {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (const byte of bytes) {
    const mixed = (low ^ byte) >>> 0;
    const product = mixed * PRIME_LOW;
    high = (high * PRIME_LOW + Math.floor(product / HALF) + mixed * 0x100) >>> 0;
    low = product >>> 0;
  }
  return [high, low].map((half) => half.toString(16).padStart(8, '0')).join('');
};
