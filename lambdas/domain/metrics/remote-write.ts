import * as z from 'zod';

/** The name of an SSM parameter that holds a secret, and of no receiver's: those are for projects to name. */
const Parameter = z
  .string()
  .regex(/^\/[\w./-]{1,1000}$/, 'the name of a parameter, beginning with /')
  .refine((name) => !name.includes('/receivers/'), 'the name of a parameter that is not below /receivers/');

/** Said by the protocol itself, or by a secret. */
const OURS = /^(host|authorization|user-agent|content-.*|transfer-encoding|connection|x-amz-.*|x-prometheus-.*)$/i;

/** Printable, so that it stands in one line. */
const Header = z.string().regex(/^[\x20-\x7e]{1,1000}$/, 'printable ASCII');

/**
 * To which Prometheus-compatible store all samples go, in the words of Prometheus' own `remote_write`. What is called `…File` is the
 * name of an SSM parameter (a SecureString) that holds a secret.
 */
export const RemoteWrite = z.strictObject({
  url: z.string().min(1).max(2000),
  authorization: z
    .union([
      z.strictObject({
        type: z
          .string()
          .regex(/^[\w-]{1,50}$/)
          .default('Bearer'),
        credentialsFile: Parameter,
      }),
      z.strictObject({ username: z.string().min(1).max(200), passwordFile: Parameter }),
    ])
    .optional(),
  headers: z
    .record(
      z
        .string()
        .regex(/^[\w-]{1,100}$/)
        .refine((name) => !OURS.test(name)),
      Header,
    )
    .default({}),
});
export type RemoteWrite = z.infer<typeof RemoteWrite>;

/** A workspace of Amazon Managed Service for Prometheus. */
export interface Workspace {
  readonly region: string;
  readonly id: string;
}

/** Which workspace a URL is of: requests to it are signed by the function's own role. */
export const workspaceOf = (url: string): Workspace | undefined => {
  const found =
    /^https:\/\/aps-workspaces\.([a-z0-9-]+)\.amazonaws\.com\/workspaces\/([\w-]+)\/api\/v1\/remote_write$/.exec(url);
  const [, region, id] = found ?? [];
  return region === undefined || id === undefined ? undefined : { region, id };
};

/** The parameter that a store's secret lies in, where it has one. */
export const secretIn = ({ authorization }: RemoteWrite): string | undefined => {
  if (authorization === undefined) return undefined;
  return 'credentialsFile' in authorization ? authorization.credentialsFile : authorization.passwordFile;
};
