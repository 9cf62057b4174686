import { createHmac, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { trustKeys } from '../../lambdas/runtime/json-web-token.ts';

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** What the issuer publishes. */
const publish = () =>
  trustKeys({
    keys: [{ ...rsa.publicKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg: 'RS256', kty: 'RSA' }],
  });

const nowSeconds = () => Math.floor(Date.now() / 1000);

const claims = (more: object = {}) => ({
  iss: 'https://issuer.test',
  aud: 'novacron',
  sub: 'user-1',
  email: 'ann@example.org',
  exp: nowSeconds() + 600,
  iat: nowSeconds(),
  'cognito:groups': ['novacron-operator'],
  ...more,
});

const rs256 = (header: object, payload: object, key: KeyObject): string => {
  const text = `${encode(header)}.${encode(payload)}`;
  return `${text}.${createSign('RSA-SHA256').update(text).sign(key).toString('base64url')}`;
};

/** What forgers work with: the published keys, a key of their own, and this issuer's own signature on what they like. */
export const workshop = {
  encode,
  claims,
  signed: (header: object, payload: object) => rs256(header, payload, rsa.privateKey),
  /** Any bytes as header and payload, under the issuer's own good signature. */
  signedRaw: (header: string, payload: string): string => {
    const text = `${Buffer.from(header).toString('base64url')}.${Buffer.from(payload).toString('base64url')}`;
    return `${text}.${createSign('RSA-SHA256').update(text).sign(rsa.privateKey).toString('base64url')}`;
  },
  foreign: (header: object, payload: object) => rs256(header, payload, other.privateKey),
  foreignJwk: () => ({ ...other.publicKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg: 'RS256' }),
  publicPem: () => rsa.publicKey.export({ format: 'pem', type: 'spki' }).toString(),
  publicDer: () => rsa.publicKey.export({ format: 'der', type: 'spki' }),
  privateKey: rsa.privateKey,
};

/** An OIDC issuer for tests: signs good tokens, and the kinds that must be refused. */
export const issuer = {
  publish,
  good: (more: object = {}) => rs256({ alg: 'RS256', kid: 'k1' }, claims(more), rsa.privateKey),
  headed: (header: object) => rs256({ alg: 'RS256', kid: 'k1', ...header }, claims(), rsa.privateKey),
  unsigned: () => `${encode({ alg: 'none', kid: 'k1' })}.${encode(claims())}.`,
  otherKey: () => rs256({ alg: 'RS256', kid: 'k1' }, claims(), other.privateKey),
  /** The public key used as the secret of an HMAC. */
  confused: () => {
    const text = `${encode({ alg: 'HS256', kid: 'k1' })}.${encode(claims())}`;
    const secret = rsa.publicKey.export({ format: 'pem', type: 'spki' });
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  },
  altered: () => {
    const [header, , signature] = rs256({ alg: 'RS256', kid: 'k1' }, claims(), rsa.privateKey).split('.');
    return `${header}.${encode(claims({ 'cognito:groups': ['novacron-admin'] }))}.${signature}`;
  },
  nowSeconds,
};
