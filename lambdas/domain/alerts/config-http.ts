import type * as z from 'zod';
import { atMostOne, bool, fields, list, mapOf, maybe, scalar, text, texts } from './config-fields.ts';

/** How receivers are reached by HTTP, as Prometheus' programs all say it. */
const TLS_VERSIONS = new Set(['TLS10', 'TLS11', 'TLS12', 'TLS13']);

const tlsVersion = scalar('', ({ text }) => {
  if (TLS_VERSIONS.has(text)) return text;
  throw new Error(`unknown TLS version: ${text}`);
});

export const TlsConfig = fields({
  ca_file: text.optional(),
  cert_file: text.optional(),
  key_file: text.optional(),
  server_name: text.optional(),
  insecure_skip_verify: bool.default(false),
  min_version: tlsVersion.optional(),
  max_version: tlsVersion.optional(),
});

const BasicAuth = fields({
  username: text.default(''),
  password: text.optional(),
  password_file: text.optional(),
}).refine(
  ({ password, password_file }) => !(password && password_file),
  'at most one of basic_auth password & password_file must be configured',
);

const Authorization = fields({
  type: text.default('Bearer').transform((type) => type.trim() || 'Bearer'),
  credentials: text.optional(),
  credentials_file: text.optional(),
})
  .refine(
    ({ credentials, credentials_file }) => !(credentials && credentials_file),
    'at most one of authorization credentials & credentials_file must be configured',
  )
  .refine(
    ({ type }) => type.toLowerCase() !== 'basic',
    'authorization type cannot be set to "basic", use "basic_auth" instead',
  );

const OAuth2 = fields({
  client_id: text.default(''),
  client_secret: text.optional(),
  client_secret_file: text.optional(),
  scopes: list(text),
  token_url: text.default(''),
  endpoint_params: texts,
  proxy_url: text.optional(),
  tls_config: maybe(TlsConfig),
})
  .refine(({ client_id }) => client_id !== '', 'oauth2 client_id must be configured')
  .refine(
    ({ client_secret, client_secret_file }) => Boolean(client_secret || client_secret_file),
    'either oauth2 client_secret or client_secret_file must be configured',
  )
  .refine(({ token_url }) => token_url !== '', 'oauth2 token_url must be configured')
  .superRefine(atMostOne('client_secret', 'client_secret_file'));

export const HttpConfig = fields({
  basic_auth: maybe(BasicAuth),
  authorization: maybe(Authorization),
  oauth2: maybe(OAuth2),
  bearer_token: text.optional(),
  bearer_token_file: text.optional(),
  proxy_url: text.optional(),
  proxy_connect_header: mapOf(list(text)),
  tls_config: maybe(TlsConfig),
  follow_redirects: bool.default(true),
  enable_http2: bool.default(true),
})
  .superRefine(atMostOne('bearer_token', 'bearer_token_file'))
  .refine(
    ({ basic_auth, authorization, oauth2, bearer_token, bearer_token_file }) =>
      [basic_auth, authorization, oauth2, bearer_token || bearer_token_file].filter(Boolean).length <= 1,
    'at most one of basic_auth, oauth2, authorization, bearer_token & bearer_token_file must be configured',
  )
  .refine(
    ({ proxy_connect_header, proxy_url }) => Object.keys(proxy_connect_header).length === 0 || proxy_url,
    'if proxy_connect_header is configured proxy_url must also be configured',
  );
export type HttpConfig = z.infer<typeof HttpConfig>;

/** Whether requests carry an Authorization of a kind and a credential. */
export const isAuthorized = ({ authorization, bearer_token, bearer_token_file }: HttpConfig): boolean =>
  authorization !== undefined || Boolean(bearer_token || bearer_token_file);
