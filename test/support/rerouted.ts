import { lambdaApi, type Variables } from './lambda-api.ts';

/** The functions of a plane on the embedded AWS, whose calls go another way for a while: their endpoint is changed, nothing else. */

/** SQS's client goes where the queue's URL points, whatever the endpoint. */
const redirected = (variables: Variables, endpoint: string): Variables =>
  Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [
      name,
      /(QUEUE|LETTERS)_URLS?$/.test(name) ? value.replaceAll(/http:\/\/[^/,]+/g, endpoint) : value,
    ]),
  );

/** Sends the calls of an installation's functions to `endpoint`. @returns what gives them their own back */
export const reroute = async (aws: string, installation: string, endpoint: string): Promise<() => Promise<void>> => {
  const lambda = lambdaApi(aws, installation);
  const ours = await lambda.list();
  for (const { name, variables } of ours)
    await lambda.setVariables(name, { ...redirected(variables, endpoint), AWS_ENDPOINT_URL: endpoint });
  return async () => {
    for (const { name, variables } of ours) await lambda.setVariables(name, variables);
  };
};
