/** Floats as Go prints them (strconv.FormatFloat). */

/** A float without its sign as m · 2^e, exactly. */
const exactly = (value: number): { readonly mantissa: bigint; readonly exponent: number } => {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const all = bits.getBigUint64(0);
  const fraction = all & 0xf_ffff_ffff_ffffn;
  const exponent = Number((all >> 52n) & 0x7ffn);
  return exponent === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (1n << 52n), exponent: exponent - 1075 };
};

/** |value| · 10^scale as a whole number: of two that are as near the even one, as IEEE has it. */
const scaled = (value: number, scale: number): bigint => {
  const { mantissa, exponent } = exactly(value);
  const over = mantissa * 10n ** BigInt(Math.max(scale, 0)) * 2n ** BigInt(Math.max(exponent, 0));
  const under = 10n ** BigInt(Math.max(-scale, 0)) * 2n ** BigInt(Math.max(-exponent, 0));
  const [whole, twice] = [over / under, (over % under) * 2n];
  const isUp = twice > under || (twice === under && whole % 2n === 1n);
  return isUp ? whole + 1n : whole;
};

/** Its digits, the first of which stands at 10^exponent. */
interface Digits {
  readonly digits: string;
  readonly exponent: number;
}

const shortest = (value: number): Digits => {
  const [mantissa = '', exponent = ''] = Math.abs(value).toExponential().split('e');
  return { digits: mantissa.replace('.', ''), exponent: Number(exponent) };
};

/** So many digits of it. */
const rounded = (value: number, count: number): Digits => {
  if (value === 0) return { digits: '0'.repeat(count), exponent: 0 };
  const { exponent } = shortest(value);
  const digits = String(scaled(value, count - 1 - exponent));
  return digits.length > count ? { digits: digits.slice(0, count), exponent: exponent + 1 } : { digits, exponent };
};

const inExponents = ({ digits, exponent }: Digits, verb: string): string => {
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${digits[0]}${fraction}${verb}${exponent < 0 ? '-' : '+'}${size}`;
};

const inFull = ({ digits, exponent }: Digits): string => {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = digits.slice(exponent + 1);
  return fraction === '' ? whole : `${whole}.${fraction}`;
};

const fixed = (value: number, precision: number): string => {
  const digits = String(scaled(value, precision)).padStart(precision + 1, '0');
  return precision === 0 ? digits : `${digits.slice(0, -precision)}.${digits.slice(-precision)}`;
};

/** From which exponent on there is one: as many digits as are asked for, or as there are; 6 where nobody asks. */
const limitOf = ({ digits, exponent }: Digits, count: number | undefined): number => {
  if (count === undefined) return 6;
  return count > digits.length && digits.length > exponent ? digits.length : count;
};

/** Without the zeros at its end. A pattern that seeks them begins anew at each zero. */
export const withoutZeros = (digits: string): string => {
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
};

const general = (value: number, precision: number | undefined, verb: string): string => {
  const count = precision === undefined ? undefined : Math.max(precision, 1);
  const { digits, exponent } = count === undefined ? shortest(value) : rounded(value, count);
  const bare = { digits: withoutZeros(digits) || '0', exponent };
  const isLong = exponent < -4 || exponent >= limitOf(bare, count);
  return isLong ? inExponents(bare, verb === 'G' ? 'E' : 'e') : inFull(bare);
};

/** A float without its sign, by one of the verbs e E f F g G. */
export const floatText = (value: number, verb: string, precision: number | undefined): string => {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : 'Inf';
  if (verb === 'g' || verb === 'G') return general(value, precision, verb);
  const count = precision ?? 6;
  return verb === 'e' || verb === 'E' ? inExponents(rounded(value, count + 1), verb) : fixed(value, count);
};
