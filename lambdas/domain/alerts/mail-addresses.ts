/** Somebody whom a mail is for. */
export interface MailAddress {
  readonly name?: string;
  readonly address: string;
}

/** Of the letters that SES takes: a domain of others is written in Punycode. */
const ADDRESS = /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?$/i;

/** At commas that stand in no quotes. */
const split = (text: string): string[] => {
  const parts = [''];
  let isQuoted = false;
  let isEscaped = false;
  for (const character of text) {
    if (character === '"' && !isEscaped) isQuoted = !isQuoted;
    isEscaped = isQuoted && character === '\\' && !isEscaped;
    if (character === ',' && !isQuoted) parts.push('');
    else parts.push(`${parts.pop()}${character}`);
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '');
};

const unquoted = (name: string): string =>
  name.length > 1 && name.startsWith('"') && name.endsWith('"') ? name.slice(1, -1).replace(/\\(.)/g, '$1') : name;

const read = (text: string): MailAddress => {
  const from = text.endsWith('>') ? text.lastIndexOf('<') : -1;
  const address = from < 0 ? text : text.slice(from + 1, -1).trim();
  if (!ADDRESS.test(address)) throw new Error(`${JSON.stringify(text)} is no e-mail address`);
  const name = from < 0 ? '' : unquoted(text.slice(0, from).trim());
  return name === '' ? { address } : { name, address };
};

/** Addresses as RFC 5322 writes a list of them, with names or without; groups and comments are none. @throws Error naming what is no address */
export const readAddresses = (text: string): MailAddress[] => split(text).map(read);
