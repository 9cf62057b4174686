const LONGEST = 63;

/** The nearest name that the API takes: lower case, hyphens, a letter first. */
const nameFrom = (text: string): string => {
  const plain = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return (/^[a-z]/.test(plain) ? plain : `schedule-${plain}`).slice(0, LONGEST).replace(/-+$/, '');
};

/** Names for these texts, in their order, no two alike. */
export const namesFrom = (texts: readonly string[]): string[] => {
  const taken = new Set<string>();
  return texts.map((text) => {
    const plain = nameFrom(text);
    let name = plain;
    for (let next = 2; taken.has(name); next += 1) name = `${plain.slice(0, LONGEST - 4)}-${next}`;
    taken.add(name);
    return name;
  });
};

/** The filter that finds VMs by a tag. */
export const tagTerm = (key: string, op: '=' | '~' | '!~', value: string): string =>
  `${encoded(`tag:${key}`)}${op}${encoded(value)}`;

/** What would end a term or a field is escaped; a colon is not that, and people read it better. */
const encoded = (text: string): string =>
  encodeURIComponent(text)
    .replace(/[!~*'()]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%3A', ':');
