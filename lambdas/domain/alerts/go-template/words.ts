/** Texts in large and small letters as Go makes them. */

/** A letter that has no single one of the other kind stays as it is. */
const uppercase = (rune: string): string => {
  const large = rune.toUpperCase();
  return Array.from(large).length === 1 ? large : rune;
};

export const uppered = (text: string): string => Array.from(text, uppercase).join('');

export const lowered = (text: string): string => Array.from(text, (rune) => Array.from(rune.toLowerCase())[0]).join('');

const LETTER = /\p{L}/u;
const WITHIN = /[\p{L}\p{N}\p{M}\p{Pc}\p{Cf}]/u;
/** One of these within a word is of the word, two are not. */
const MIDDLE = /['.:·‧’․﹒＇．]/u;

/** Letters that are two, of which only the first is made large. */
const DIGRAPHS: Readonly<Record<string, string>> = { Ǆ: 'ǅ', Ǉ: 'ǈ', Ǌ: 'ǋ', Ǳ: 'ǲ' };

/** The first letter of a word; where it becomes several, those behind the first stay small. */
const beginning = (rune: string): string => {
  const large = rune.toUpperCase();
  const all = Array.from(DIGRAPHS[large] ?? large);
  const first = all.findIndex((each) => each.toLowerCase() !== each);
  return all.map((each, index) => (index > first ? each.toLowerCase() : each)).join('');
};

/** Each word with a large letter first and small ones behind, as golang.org/x/text/cases has it for American English. */
export const titled = (text: string): string => {
  let isWithin = false;
  let wasMiddle = false;
  return Array.from(text, (rune) => {
    const isMiddle = MIDDLE.test(rune);
    if (wasMiddle && isMiddle) isWithin = false;
    wasMiddle = isMiddle;
    if (LETTER.test(rune)) {
      const said = isWithin ? rune.toLowerCase() : beginning(rune);
      isWithin = true;
      return said;
    }
    if (!isMiddle && !WITHIN.test(rune)) isWithin = false;
    return rune;
  }).join('');
};

const SPACE = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** Without what Go takes for spaces at both ends. */
export const trimmed = (text: string): string => {
  let [from, to] = [0, text.length];
  while (from < to && SPACE.test(text[from] ?? '')) from += 1;
  while (to > from && SPACE.test(text[to - 1] ?? '')) to -= 1;
  return text.slice(from, to);
};
