/** The functions of a plane on the embedded AWS, whose calls go another way for a while: their endpoint is changed, nothing else. */

interface Configuration {
  readonly FunctionName: string;
  readonly Environment?: { readonly Variables?: Readonly<Record<string, string>> };
}

/** SQS's client goes where the queue's URL points, whatever the endpoint. */
const redirected = (variables: Readonly<Record<string, string>>, endpoint: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [
      name,
      /(QUEUE|LETTERS)_URLS?$/.test(name) ? value.replaceAll(/http:\/\/[^/,]+/g, endpoint) : value,
    ]),
  );

/** Sends the calls of an installation's functions to `endpoint`. @returns what gives them their own back */
export const reroute = async (aws: string, installation: string, endpoint: string): Promise<() => Promise<void>> => {
  const call = async <T>(path: string, method = 'GET', body?: object): Promise<T> => {
    const authorization = 'AWS4-HMAC-SHA256 Credential=test/20261125/us-east-1/lambda/aws4_request';
    const reply = await fetch(`${aws}/2015-03-31/functions${path}`, {
      method,
      headers: { authorization },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`);
    // Lambda's API has these shapes ("ListFunctions", "UpdateFunctionConfiguration").
    return (await reply.json()) as T;
  };
  const { Functions } = await call<{ Functions: Configuration[] }>('/?MaxItems=1000');
  const ours = Functions.filter(({ FunctionName }) => FunctionName.startsWith(`novacron-${installation}-`));
  if (ours.length === 0) throw new Error(`no function of ${installation}`);
  const write = (name: string, Variables: object) =>
    call(`/${name}/configuration`, 'PUT', { Environment: { Variables } });
  for (const { FunctionName, Environment } of ours) {
    const variables = redirected(Environment?.Variables ?? {}, endpoint);
    await write(FunctionName, { ...variables, AWS_ENDPOINT_URL: endpoint });
  }
  return async () => {
    for (const { FunctionName, Environment } of ours) await write(FunctionName, Environment?.Variables ?? {});
  };
};
