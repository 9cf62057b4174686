import { execFileSync } from 'node:child_process';

/** A mail as another program reads it. */
export interface ParsedMail {
  /** By their names in lower case; each that came twice is an array's length more. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** Of the header To: name and address. */
  readonly to: readonly (readonly [string, string])[];
  /** Its parts in their order: type and text. */
  readonly parts: readonly (readonly [string, string])[];
  /** What the reader has against it. */
  readonly defects: readonly string[];
}

/** Python's own reader of mails, by the strictest rules that it has. */
const READER = `
import base64, json, sys
from email import message_from_bytes, policy
def read(raw):
    mail = message_from_bytes(base64.b64decode(raw), policy=policy.SMTP)
    headers, defects = {}, [str(d) for d in mail.defects]
    for name, value in mail.items():
        headers.setdefault(name.lower(), []).append(str(value))
        defects += [f"{name}: {d}" for d in value.defects]
    parts = [[part.get_content_type(), part.get_content()] for part in mail.iter_parts()]
    defects += [str(d) for part in mail.iter_parts() for d in part.defects]
    to = [[a.display_name, a.addr_spec] for a in mail["To"].addresses] if "To" in mail else []
    return {"headers": headers, "to": to, "parts": parts, "defects": defects}
print(json.dumps([read(raw) for raw in json.load(sys.stdin)]))
`;

/** Mails as Python reads them, each as it goes over the wire. */
export const parsedMails = (mails: readonly string[]): ParsedMail[] =>
  JSON.parse(
    execFileSync('/usr/bin/python3', ['-c', READER], {
      input: JSON.stringify(mails.map((mail) => Buffer.from(mail).toString('base64'))),
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    }),
  );
