import { type IamStatement, readPrincipals } from '../../../cli/iam-account.ts';

/** What a function may do, as it is deployed. */
export interface Deployed {
  /** Its path below lambdas/, with `-` for `/`. */
  readonly name: string;
  readonly role: string;
  readonly statements: readonly IamStatement[];
}

/** The root's key of the embedded AWS, which checks no signature of it. */
const authorization = (region: string, service: string): string =>
  `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`;

const asked = async (
  endpoint: string,
  service: string,
  path: string,
  form?: Record<string, string>,
): Promise<string> => {
  const reply = await fetch(`${endpoint}${path}`, {
    headers: { authorization: authorization('us-east-1', service) },
    ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
  });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${service} answers ${reply.status}: ${text.slice(0, 300)}`);
  return text;
};

interface Functions {
  readonly Functions: readonly { readonly FunctionName: string; readonly Role: string }[];
  readonly NextMarker?: string | null;
}

/** Every function of the installation with the statements of its role, from Lambda and IAM themselves. */
export const deployedFunctions = async (endpoint: string, installation: string): Promise<Deployed[]> => {
  const principals = await readPrincipals((form) => asked(endpoint, 'iam', '/', { ...form }));
  const roles = new Map(principals.map((principal) => [principal.arn, principal]));
  const found: Deployed[] = [];
  for (let marker = ''; ; ) {
    const page: Functions = JSON.parse(await asked(endpoint, 'lambda', `/2015-03-31/functions/?MaxItems=50${marker}`));
    for (const { FunctionName, Role } of page.Functions) {
      const role = roles.get(Role);
      const prefix = `novacron-${installation}-`;
      if (role === undefined || !FunctionName.startsWith(prefix)) continue;
      found.push({ name: FunctionName.slice(prefix.length), role: role.name, statements: role.statements });
    }
    if (!page.NextMarker) return found;
    marker = `&Marker=${encodeURIComponent(page.NextMarker)}`;
  }
};
