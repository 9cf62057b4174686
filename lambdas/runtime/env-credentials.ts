import * as z from 'zod';
import { env } from './env.ts';

const Credentials = {
  AWS_ACCESS_KEY_ID: z.string(),
  AWS_SECRET_ACCESS_KEY: z.string(),
  AWS_SESSION_TOKEN: z.string().optional(),
};

/** What Lambda puts into the environment, and nothing else: no profile files, no metadata service, no SSO. */
export const fromEnvironment = async () => {
  const read = env(Credentials);
  return {
    accessKeyId: read.AWS_ACCESS_KEY_ID,
    secretAccessKey: read.AWS_SECRET_ACCESS_KEY,
    ...(read.AWS_SESSION_TOKEN ? { sessionToken: read.AWS_SESSION_TOKEN } : {}),
  };
};

/**
 * Stands in for `@aws-sdk/credential-provider-node` when functions are bundled (an esbuild alias in
 * lib/constructs/handler.ts): every client imports the default chain whether it is used or not, and it is 12 kB gzip.
 */
export const defaultProvider = () => fromEnvironment;
