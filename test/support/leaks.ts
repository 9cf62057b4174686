import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Something that was written, and where. */
export interface Written {
  readonly place: string;
  readonly data: Buffer;
}

/** What base64 makes of a text that begins at this byte of a group of three, without the characters that its neighbours share. */
const inBase64 = (secret: string, offset: 0 | 1 | 2): string => {
  const text = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)]).toString('base64');
  const whole = Math.floor(((offset + Buffer.byteLength(secret)) * 8) / 6);
  return text.slice(Math.ceil((offset * 8) / 6), whole);
};

/** How a secret shows in what was written: as it is, and within base64 wherever it begins there. */
const formsOf = (secret: string): readonly string[] => [
  secret,
  ...([0, 1, 2] as const).map((offset) => inBase64(secret, offset)),
];

/** Where one of these secrets stands, as `<place>: <its name>`. The names are for people; the secrets are never told. */
export const leaksOf = (written: Iterable<Written>, secrets: Readonly<Record<string, string>>): string[] => {
  const forms = Object.entries(secrets).map(([name, secret]) => [name, formsOf(secret)] as const);
  const leaks: string[] = [];
  for (const { place, data } of written) {
    for (const [name, texts] of forms) if (texts.some((text) => data.includes(text))) leaks.push(`${place}: ${name}`);
  }
  return leaks;
};

/** What looks like a secret, whoever wrote it: our tokens, private keys, addresses of Slack webhooks, JWTs, AWS keys. */
const SHAPES: Readonly<Record<string, RegExp>> = {
  'a token of ours': /\bnc_[A-Za-z0-9_-]{43}\b/,
  'a private key': /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  'a webhook of Slack': /hooks\.slack\.com\/services\/[A-Z0-9]/,
  'a JWT': /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/,
  'a key of AWS': /\b(AKIA|ASIA)[A-Z0-9]{16}\b/,
};

/** Where something that looks like a secret stands. */
export const shapesIn = (written: Iterable<Written>): string[] => {
  const found: string[] = [];
  for (const { place, data } of written) {
    const text = data.toString('latin1');
    for (const [name, shape] of Object.entries(SHAPES)) if (shape.test(text)) found.push(`${place}: ${name}`);
  }
  return found;
};

/** A disk is the guest's own, and as large as it likes. */
const DISK = /\.(qcow2|raw|img)$/;

/** Every file below a folder but those that `isLeftOut` names by their path from it. One that goes meanwhile was not kept. */
export function* filesBelow(folder: string, isLeftOut: (path: string) => boolean = () => false): Generator<Written> {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const place = join(entry.parentPath, entry.name).slice(folder.length + 1);
    if (!entry.isFile() || DISK.test(place) || isLeftOut(place)) continue;
    try {
      yield { place, data: readFileSync(join(folder, place)) };
    } catch {
      // It is gone, or of a folder that is.
    }
  }
}
