import type { Address, Authorization } from '../../domain/alerts/routing-row.ts';
import { signatureHeaders, signingKeyOf } from '../../domain/alerts/signature.ts';
import type { Net } from '../../runtime/outside.ts';
import { forget, secretOf } from './secrets.ts';
import { type Answer, NotTold, postWebhook } from './webhook.ts';

/** Reads a secret by its parameter. */
export type Secret = (name: string) => Promise<string>;

/** One request to a receiver, as it is sent. */
export interface Request {
  readonly url: string;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** Looks at an answer of success. @throws NotTold where it is a refusal all the same */
  readonly taken?: (answer: Answer) => void;
}

/** The URL that a way says, or that its parameter holds. */
export const urlOf = async (address: Address, secret: Secret): Promise<string> =>
  'url' in address ? address.url : secret(address.urlFile);

/** The header that says who sends it. */
export const authorizing = async (
  authorization: Authorization | undefined,
  secret: Secret,
): Promise<Record<string, string>> => {
  if (authorization === undefined) return {};
  if ('credentialsFile' in authorization)
    return { authorization: `${authorization.type} ${await secret(authorization.credentialsFile)}` };
  const { username, passwordFile } = authorization;
  const credentials = Buffer.from(`${username}:${await secret(passwordFile)}`).toString('base64');
  return { authorization: `Basic ${credentials}` };
};

/** The headers that sign a body, where a parameter holds what by. @throws NotTold where it holds something else */
export const signing = async (
  file: string | undefined,
  signed: () => Parameters<typeof signatureHeaders>[1],
  secret: Secret,
): Promise<Record<string, string>> => {
  if (file === undefined) return {};
  const key = signingKeyOf(await secret(file));
  if (key) return signatureHeaders(key, signed());
  throw new NotTold(`the parameter ${file} is to hold whsec_ and 24 to 64 bytes of base64`, false);
};

/** Parts of a secret URL by which it would be known: whoever answers for a host names what was asked for. */
const partsOf = (secret: string): string[] => {
  if (!URL.canParse(secret)) return [];
  const { pathname, search } = new URL(secret);
  return [pathname + search, ...`${pathname}/${search}`.split(/[/?&=]/).filter((part) => part.length >= 8)];
};

/** All that an answer may say over and is nobody's business. */
const hiddenOf = (secrets: Iterable<string>, { headers = {} }: Request): string[] => {
  const forms = [...secrets].flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), ...partsOf(secret)]);
  const credentials = headers.authorization?.split(' ')[1];
  return credentials ? [...forms, credentials] : forms;
};

/**
 * Sends a receiver a request that is made with its secrets, each read now or a little ago; after a refusal they are read anew.
 * @throws NotTold, whose words hold none of them
 */
export const tellBy = async (make: (secret: Secret) => Promise<Request>, net?: Net): Promise<void> => {
  const used = new Map<string, string>();
  const request = await make(async (name) => {
    const value = await secretOf(name);
    used.set(name, value);
    return value;
  });
  try {
    const { url, body, headers = {}, taken } = request;
    const hidden = hiddenOf(used.values(), request);
    await postWebhook(url, body, { headers, hidden, ...(taken ? { taken } : {}) }, net);
  } catch (error) {
    if (error instanceof NotTold && !error.again) forget(used.keys());
    throw error;
  }
};
