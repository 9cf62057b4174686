import { constants, createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { issuer, workshop } from './issuer.ts';

const { encode, claims, signed, signedRaw, foreign } = workshop;
const HEADER = { alg: 'RS256', kid: 'k1' };
const now = issuer.nowSeconds;
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');

const parts = (token = issuer.good()): [string, string, string] => {
  const [header = '', payload = '', signature = ''] = token.split('.');
  return [header, payload, signature];
};
const joined = (...all: string[]): string => all.join('.');

const unsigned = (alg: unknown, signature = ''): string =>
  joined(encode({ alg, kid: 'k1' }), encode(claims()), signature);

const hmac = (alg: string, digest: string, secret: string | Buffer): string => {
  const text = `${encode({ alg, kid: 'k1' })}.${encode(claims())}`;
  return `${text}.${createHmac(digest, secret).update(text).digest('base64url')}`;
};

const asymmetric = (alg: string, make: (text: Buffer) => Buffer): string => {
  const text = `${encode({ alg, kid: 'k1' })}.${encode(claims())}`;
  return `${text}.${make(Buffer.from(text)).toString('base64url')}`;
};

/** A member of that header is trusted by a careless verifier; the signature is the forger's own. */
const leading = (member: object, kid: unknown = 'k1'): string => foreign({ ...HEADER, kid, ...member }, claims());

const JWK = workshop.foreignJwk();
const text = JSON.stringify;

/** Every kind of forged or spoilt JWT that the API must not take, by what is wrong with it. */
export const FORGED: Readonly<Record<string, () => string>> = {
  'alg none': () => unsigned('none'),
  'alg None': () => unsigned('None'),
  'alg NONE': () => unsigned('NONE'),
  'alg nOnE': () => unsigned('nOnE'),
  'alg none, with a signature': () => unsigned('none', parts()[2]),
  'alg empty': () => unsigned(''),
  'alg null': () => unsigned(null),
  'alg absent': () => joined(encode({ kid: 'k1' }), ...parts().slice(1)),
  'alg a list': () => unsigned(['RS256', 'none']),
  'alg of a prototype': () => unsigned('constructor'),
  'alg in lower case, well signed': () => signed({ ...HEADER, alg: 'rs256' }, claims()),
  'HS256 with the public key as PEM': () => hmac('HS256', 'sha256', workshop.publicPem()),
  'HS256 with the PEM trimmed': () => hmac('HS256', 'sha256', workshop.publicPem().trim()),
  'HS256 with the public key as DER': () => hmac('HS256', 'sha256', workshop.publicDer()),
  'HS384 with the public key': () => hmac('HS384', 'sha384', workshop.publicPem()),
  'HS512 with the public key': () => hmac('HS512', 'sha512', workshop.publicPem()),
  'HS256 with an empty secret': () => hmac('HS256', 'sha256', ''),
  'HS256 under the name RS256': () => {
    const good = `${encode(HEADER)}.${encode(claims())}`;
    return `${good}.${createHmac('sha256', workshop.publicPem()).update(good).digest('base64url')}`;
  },
  'PS256 by the key of RS256': () =>
    asymmetric('PS256', (data) =>
      sign('sha256', data, { key: workshop.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
    ),
  'RS384 by the key of RS256': () => asymmetric('RS384', (data) => sign('sha384', data, workshop.privateKey)),
  RS1: () => asymmetric('RS1', (data) => sign('sha1', data, workshop.privateKey)),
  'ES256 by a key of its own': () =>
    asymmetric('ES256', (data) => sign('sha256', data, { key: ec.privateKey, dsaEncoding: 'ieee-p1363' })),
  'ES256 with a signature of zeros (psychic)': () => asymmetric('ES256', () => Buffer.alloc(64)),
  'EdDSA by a key of its own': () => asymmetric('EdDSA', (data) => sign(null, data, ed.privateKey)),
  'no signature': () => joined(...parts().slice(0, 2), ''),
  'a signature of zeros': () => joined(...parts().slice(0, 2), Buffer.alloc(256).toString('base64url')),
  'a random signature': () => joined(...parts().slice(0, 2), randomBytes(256).toString('base64url')),
  'a signature that is cut': () => joined(...parts().slice(0, 2), parts()[2].slice(0, -4)),
  'a signature with more behind it': () => joined(...parts().slice(0, 2), `${parts()[2]}AAAA`),
  'the signature of another token': () => joined(...parts().slice(0, 2), parts(issuer.good({ sub: 'other' }))[2]),
  'another payload': issuer.altered,
  'signed by another key': issuer.otherKey,
  'expired a second ago': () => issuer.good({ exp: now() - 1 }),
  'expired in 1970': () => issuer.good({ exp: 0 }),
  'no exp': () => issuer.good({ exp: undefined }),
  'exp null': () => issuer.good({ exp: null }),
  'exp a string': () => issuer.good({ exp: String(now() + 600) }),
  'exp a date': () => issuer.good({ exp: '2099-01-01T00:00:00Z' }),
  'exp negative': () => issuer.good({ exp: -1 }),
  'exp infinite': () => signedRaw(text(HEADER), text(claims()).replace(/"exp":\d+/, '"exp":1e999')),
  'exp a list': () => issuer.good({ exp: [now() + 600] }),
  'nbf ahead': () => issuer.good({ nbf: now() + 60 }),
  'nbf a string ahead': () => issuer.good({ nbf: '2099-01-01T00:00:00Z' }),
  'another issuer': () => issuer.good({ iss: 'https://evil.test' }),
  'an issuer that begins alike': () => issuer.good({ iss: 'https://issuer.test.evil.test' }),
  'an issuer with a slash more': () => issuer.good({ iss: 'https://issuer.test/' }),
  'an issuer in capitals': () => issuer.good({ iss: 'HTTPS://ISSUER.TEST' }),
  'issuers in a list': () => issuer.good({ iss: ['https://issuer.test'] }),
  'no issuer': () => issuer.good({ iss: undefined }),
  'another audience': () => issuer.good({ aud: 'else' }),
  'an audience that begins alike': () => issuer.good({ aud: 'novacron-other' }),
  'an empty audience': () => issuer.good({ aud: '' }),
  'a list of no audience': () => issuer.good({ aud: [] }),
  'a list of other audiences': () => issuer.good({ aud: ['a', 'b'] }),
  'an audience that is an object': () => issuer.good({ aud: { novacron: true } }),
  'no audience': () => issuer.good({ aud: undefined }),
  'another client': () => issuer.good({ aud: undefined, client_id: 'else' }),
  'clients in a list': () => issuer.good({ aud: undefined, client_id: ['novacron'] }),
  'no subject': () => issuer.good({ sub: undefined }),
  'an empty subject': () => issuer.good({ sub: '' }),
  'a subject that is an object': () => issuer.good({ sub: { $ne: null } }),
  'no kid': () => signed({ alg: 'RS256' }, claims()),
  'kid of a path': () => leading({}, '../../../../dev/null'),
  'kid of SQL': () => leading({}, "k1' UNION SELECT 'secret"),
  'kid of a command': () => leading({}, 'k1|/bin/true'),
  'kid of a URL': () => leading({}, 'https://evil.test/jwks.json'),
  'kid with NUL': () => signed({ alg: 'RS256', kid: 'k1\0' }, claims()),
  'kid in capitals': () => signed({ alg: 'RS256', kid: 'K1' }, claims()),
  'kid nobody knows': () => signed({ alg: 'RS256', kid: 'k2' }, claims()),
  'kid of a prototype': () => signed({ alg: 'RS256', kid: '__proto__' }, claims()),
  'kid a number': () => signed({ alg: 'RS256', kid: 1 }, claims()),
  'kid a list': () => signed({ alg: 'RS256', kid: ['k1'] }, claims()),
  'jwk of the forger': () => leading({ jwk: JWK }),
  'jku of the forger': () => leading({ jku: 'https://evil.test/jwks.json' }),
  'x5u of the forger': () => leading({ x5u: 'https://evil.test/cert.pem' }),
  'x5c of the forger': () => leading({ x5c: ['MIIB'] }),
  'jku, and a kid nobody knows': () => leading({ jku: 'https://evil.test/jwks.json' }, 'evil'),
  'crit that is not understood': () => signed({ ...HEADER, crit: ['exp2'], exp2: 1 }, claims()),
  'b64 false': () => signed({ ...HEADER, b64: false, crit: ['b64'] }, claims()),
  'a JWT in a JWT': () => signed({ ...HEADER, cty: 'JWT' }, { jwt: issuer.good() }),
  'a JWE': () => joined(encode({ alg: 'RSA-OAEP', enc: 'A256GCM', kid: 'k1' }), 'AAAA', 'AAAA', 'AAAA', 'AAAA'),
  'a JWS as JSON': () => text({ payload: parts()[1], protected: parts()[0], signature: parts()[2] }),
  'a fourth part': () => joined(issuer.good(), 'AAAA'),
  'a part before it': () => joined(encode({}), issuer.good()),
  'only a header': () => parts()[0],
  'two parts': () => joined(...parts().slice(0, 2)),
  'only dots': () => '..',
  'a header that is no JSON': () => joined(Buffer.from('{').toString('base64url'), ...parts().slice(1)),
  'a header that is a list': () => joined(encode([HEADER]), ...parts().slice(1)),
  'a header that is null': () => signedRaw('null', text(claims())),
  'a payload that is null': () => signedRaw(text(HEADER), 'null'),
  'a payload that is a list': () => signedRaw(text(HEADER), text([claims()])),
  'a payload that is a string': () => signedRaw(text(HEADER), text(text(claims()))),
  'a payload that is no JSON': () => signedRaw(text(HEADER), '{"sub":'),
  'a payload that is no UTF-8': () => joined(parts()[0], Buffer.from([0xff, 0xfe]).toString('base64url'), parts()[2]),
  'exp twice, the last one over': () => signedRaw(text(HEADER), text(claims()).replace(/}$/, ',"exp":1}')),
  'aud twice, the last one another': () => signedRaw(text(HEADER), text(claims()).replace(/}$/, ',"aud":"else"}')),
  'padding within': () => joined(`${parts()[0]}==`, ...parts().slice(1)),
  'standard base64': () => {
    const [header, payload] = parts(issuer.good({ email: '???>>>@example.org' }));
    return joined(header, payload.replaceAll('-', '+').replaceAll('_', '/'), 'A+/=');
  },
  'a blank within': () => issuer.good().replace('.', ' .'),
  'a line feed behind': () => `${issuer.good()}\n`,
  'a blank behind': () => `${issuer.good()} x`,
  'a NUL behind': () => `${issuer.good()}\0`,
  'quotes around': () => `"${issuer.good()}"`,
  oversized: () => issuer.good({ more: 'x'.repeat(10_000) }),
  'a megabyte': () => `${'A'.repeat(1_000_000)}.A.A`,
  'a prototype as claims': () => signedRaw(text(HEADER), `{"__proto__":${text(claims())}}`),
};
