/** The functions of a plane on the embedded AWS, as Lambda's own API shows and changes them. */

interface Configuration {
  readonly FunctionName: string;
  readonly Environment?: { readonly Variables?: Readonly<Record<string, string>> };
}

export type Variables = Readonly<Record<string, string>>;

/** Lambda of this endpoint, for the functions of one installation. */
export const lambdaApi = (aws: string, installation: string) => {
  const call = async (path: string, method = 'GET', body?: object): Promise<Response> => {
    const authorization = 'AWS4-HMAC-SHA256 Credential=test/20261125/us-east-1/lambda/aws4_request';
    const reply = await fetch(`${aws}/2015-03-31/functions${path}`, {
      method,
      headers: { authorization },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`);
    return reply;
  };
  return {
    /** All of the installation, with what their environment holds. */
    list: async (): Promise<{ name: string; variables: Variables }[]> => {
      // Lambda's API has this shape ("ListFunctions").
      const { Functions } = (await (await call('/?MaxItems=1000')).json()) as { Functions: Configuration[] };
      const ours = Functions.filter(({ FunctionName }) => FunctionName.startsWith(`novacron-${installation}-`));
      if (ours.length === 0) throw new Error(`no function of ${installation}`);
      return ours.map(({ FunctionName, Environment }) => ({
        name: FunctionName,
        variables: Environment?.Variables ?? {},
      }));
    },
    /** Gives a function another environment; its next call has it. */
    setVariables: async (name: string, Variables: Variables): Promise<void> => {
      await call(`/${name}/configuration`, 'PUT', { Environment: { Variables } });
    },
    /** Calls a function and waits. @throws Error with what it threw */
    invoke: async (name: string, event: object = {}): Promise<void> => {
      const reply = await call(`/${name}/invocations`, 'POST', event);
      const said = await reply.text();
      if (reply.headers.has('x-amz-function-error')) throw new Error(`${name}: ${said}`);
    },
  };
};
