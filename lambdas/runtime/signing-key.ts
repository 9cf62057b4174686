import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { type HeadKey, keyIdOf } from '../domain/chain.ts';
import { ssm } from './clients.ts';
import { env, text } from './env.ts';

const { AUDIT_KEY_PARAMETER: Name, KEY_ARN: KeyId } = env({ AUDIT_KEY_PARAMETER: text, KEY_ARN: text });

/** The key that signs the heads of the audit chains, with what others check it by. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly shown: HeadKey;
}

const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;

const stored = async (): Promise<string | undefined> => {
  try {
    return (await ssm().send(new GetParameterCommand({ Name, WithDecryption: true }))).Parameter?.Value;
  } catch (error) {
    if (isNamed(error, 'ParameterNotFound')) return undefined;
    throw error;
  }
};

/** Never overwrites: of two that make one at once, both go on with the first. */
const made = async (): Promise<string> => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const Value = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  try {
    await ssm().send(new PutParameterCommand({ Name, Value, Type: 'SecureString', KeyId }));
    return Value;
  } catch (error) {
    const other = isNamed(error, 'ParameterAlreadyExists') ? await stored() : undefined;
    if (other === undefined) throw error;
    return other;
  }
};

/** The plane's signing key: a parameter encrypted by the plane's own key, made by whoever needs it first. */
export const signingKey = async (): Promise<SigningKey> => {
  const privateKey = createPrivateKey((await stored()) ?? (await made()));
  const publicKey = String(createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }));
  return { privateKey, shown: { keyId: keyIdOf(publicKey), algorithm: 'Ed25519', publicKey } };
};
