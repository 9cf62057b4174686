import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { endpointOf } from './embedded-aws.ts';
import { type Plane, savedAccess } from './home.ts';
import { StartFault } from './processes.ts';

const USER = 'admin@novacron.local';

/** The API of this plane, as its admin. */
export interface Api {
  readonly url: string;
  readonly token: string;
}

/** A plane that takes up again what it was stopped amid, or whose functions are still being set up, refuses for a while. */
const PATIENCE_MS = 60_000;
const AGAIN_MS = 500;

const isPassing = (status: number): boolean => status === 429 || status >= 500;

/** One call to the plane's API, asked again under one key while the plane is busy. @throws StartFault with the problem's own words */
export const call = async <T>(api: Api, method: string, path: string, body?: unknown): Promise<T> => {
  const request = {
    method,
    headers: {
      authorization: `Bearer ${api.token}`,
      'idempotency-key': randomUUID(),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
  for (const until = Date.now() + PATIENCE_MS; ; await sleep(AGAIN_MS)) {
    const reply = await fetch(`${api.url}${path}`, request);
    const text = await reply.text();
    if (reply.ok) return JSON.parse(text) as T; // our own API, whose shapes its tests hold
    if (!isPassing(reply.status) || Date.now() > until)
      throw new StartFault(`${method} ${path} answered ${reply.status}: ${text.slice(0, 500)}`);
  }
};

/** Signs the local admin in; a token that still works is kept. */
export const signIn = async (plane: Plane): Promise<Api> => {
  const url = plane.outputs.ApiUrl;
  if (!url) throw new StartFault('The deployment has no output ApiUrl.');
  const kept = savedAccess();
  if (kept?.url === url && (await works(kept))) return kept;
  const jwt = await idTokenOf(plane);
  const token = await mint({ url, token: jwt });
  return { url, token };
};

const works = (api: Api): Promise<boolean> =>
  call(api, 'GET', '/v1/me').then(
    () => true,
    () => false,
  );

const TOKEN_DAYS = 90;

const mint = async (api: Api): Promise<string> => {
  const body = { name: `local-${randomBytes(3).toString('hex')}`, role: 'admin', expiresInDays: TOKEN_DAYS };
  return (await call<{ token: string }>(api, 'POST', '/v1/tokens', body)).token;
};

/** A Cognito user of group novacron-admin, with a password that nobody keeps, and its id token. */
const idTokenOf = async (plane: Plane): Promise<string> => {
  const pool = { UserPoolId: plane.outputs.UserPoolId, Username: USER };
  const password = `${randomBytes(18).toString('base64url')}aA1!`;
  await cognito(plane, 'AdminCreateUser', { ...pool, MessageAction: 'SUPPRESS' }).catch((error: Error) => {
    if (!error.message.includes('UsernameExists')) throw error;
  });
  await cognito(plane, 'AdminSetUserPassword', { ...pool, Password: password, Permanent: true });
  await cognito(plane, 'AdminAddUserToGroup', { ...pool, GroupName: 'novacron-admin' });
  const answer = await cognito(plane, 'InitiateAuth', {
    ClientId: plane.outputs.UserPoolClientId,
    AuthFlow: 'USER_PASSWORD_AUTH',
    AuthParameters: { USERNAME: USER, PASSWORD: password },
  });
  const token = (answer as { AuthenticationResult?: { IdToken?: string } }).AuthenticationResult?.IdToken; // Cognito's documented shape
  if (!token) throw new StartFault('Cognito gave no id token for the local admin.');
  return token;
};

const cognito = async (plane: Plane, action: string, body: unknown): Promise<unknown> => {
  const reply = await fetch(endpointOf(plane), {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityProviderService.${action}`,
      // the embedded AWS does not check its root's signature; it routes by the credential scope
      authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${plane.region}/cognito-idp/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(body),
  });
  const text = await reply.text();
  if (!reply.ok) throw new StartFault(`Cognito ${action}: ${reply.status} ${text.slice(0, 300)}`);
  return text ? JSON.parse(text) : {};
};
