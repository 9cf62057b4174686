import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod';
import { Fault } from '../domain/faults.ts';
import { DEFAULT_PROJECT } from '../domain/ids.ts';
import type { Principal } from '../domain/principal.ts';

/** What API Gateway tells of a request that was signed with AWS credentials. */
const Iam = z.object({
  requestContext: z.object({ authorizer: z.object({ iam: z.object({ userArn: z.string().min(1) }) }) }),
});

/** `arn:…:assumed-role/<role>/<session>` is the role, whatever the session is called. */
const stableArn = (arn: string): string =>
  arn.replace(/^arn:([\w-]+):sts::(\d+):assumed-role\/([^/]+)\/.*$/, 'arn:$1:iam::$2:role/$3');

/**
 * The AWS identity behind a SigV4 request, as the gateway verified it; its role and project are decided by the route.
 * @throws Unauthenticated where the gateway's IAM authorizer has not spoken
 */
export const principalOfAws = (event: APIGatewayProxyEventV2): Principal => {
  const read = Iam.safeParse(event);
  if (!read.success)
    throw new Fault('Unauthenticated', 'Sign this request with AWS credentials (SigV4, service execute-api).');
  const arn = stableArn(read.data.requestContext.authorizer.iam.userArn);
  const name = arn.split(/[:/]/).at(-1) ?? arn;
  return { id: `aws:${arn}`, name, project: DEFAULT_PROJECT, role: 'viewer', system: false };
};
