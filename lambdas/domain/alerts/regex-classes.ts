/** The characters of a regular expression, one at a time: JavaScript knows Unicode's tables, and is asked about one rune only. */

/** Whether a rune, a text of one code point, is one of those. */
export type RuneTest = (rune: string) => boolean;

/** Some runes, in the words of a character class of JavaScript, or all others. */
export interface Runes {
  readonly source: string;
  readonly isOthers: boolean;
}

const escaped = (code: number): string => `\\u{${code.toString(16)}}`;

export const runesBetween = (low: number, high: number): Runes => ({
  source: `${escaped(low)}-${escaped(high)}`,
  isOthers: false,
});

const PERL: Readonly<Record<string, string>> = { d: '0-9', s: '\\t\\n\\f\\r ', w: '0-9A-Za-z_' };

/** `\d`, `\S` and their like, by their letter. */
export const perlRunes = (letter: string): Runes | undefined => {
  const source = PERL[letter.toLowerCase()];
  return source === undefined ? undefined : { source, isOthers: letter !== letter.toLowerCase() };
};

const POSIX: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\0-\\x7f',
  blank: '\\t ',
  cntrl: '\\0-\\x1f\\x7f',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

/** `alpha` of `[:alpha:]`, `^alpha` of `[:^alpha:]`. */
export const posixRunes = (name: string): Runes | undefined => {
  const bare = name.replace(/^\^/, '');
  const source = Object.hasOwn(POSIX, bare) ? POSIX[bare] : undefined;
  return source === undefined ? undefined : { source, isOthers: name.startsWith('^') };
};

const CATEGORY = /^(?:L[lmotu]?|M[cen]?|N[dlo]?|P[cdefios]?|S[ckmo]?|Z[lps]?|C[cfos])$/;
/** What is not assigned is of no category in Go. */
const OTHER = '\\p{Cc}\\p{Cf}\\p{Co}\\p{Cs}';

const unicodeSource = (name: string): string => {
  if (name === 'Any') return '\\0-\\u{10ffff}';
  if (name === 'C') return OTHER;
  return CATEGORY.test(name) ? `\\p{${name}}` : `\\p{Script=${name}}`;
};

/** `Greek` of `\p{Greek}`: a general category or a script. */
export const unicodeRunes = (name: string, isOthers: boolean): Runes | undefined => {
  const source = unicodeSource(name);
  try {
    // Scripts begin with a capital: there are no other names for them.
    return /^[A-Z]\w*$/.test(name) && new RegExp(`[${source}]`, 'u') ? { source, isOthers } : undefined;
  } catch {
    return undefined;
  }
};

/** Whether a rune is one of some; without regard to case the others are those that are none of them in any case. */
export const testOf = (runes: readonly Runes[], isFolded: boolean): RuneTest => {
  const tests = runes.map(({ source, isOthers }) => {
    const pattern = new RegExp(`^[${source}]$`, isFolded ? 'iu' : 'u');
    return (rune: string) => pattern.test(rune) !== isOthers;
  });
  return (rune) => tests.some((test) => test(rune));
};
