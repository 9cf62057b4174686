import * as z from 'zod';
import { env, text } from '../../runtime/env.ts';
import { signed } from '../../runtime/signed.ts';
import { isPassing, NotTold } from './webhook.ts';

const { AWS_REGION, AWS_ENDPOINT_URL } = env({
  AWS_REGION: text,
  /** As the SDKs read it: set where the services are not AWS's own. */
  AWS_ENDPOINT_URL: z.string().optional(),
});

/** Services by the names that requests are signed with, and their hosts. */
const HOSTS = { ses: 'email', sns: 'sns', events: 'events' } as const;

/** One call of a service of AWS, which are all POSTs. */
export interface AwsCall {
  readonly service: keyof typeof HOSTS;
  /** Another than the function's own. */
  readonly region?: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const urlOf = ({ service, path, region = AWS_REGION }: AwsCall): URL =>
  new URL(path, AWS_ENDPOINT_URL ?? `https://${HOSTS[service]}.${region}.amazonaws.com`);

const TIMEOUT_MS = 5_000;

/** What a service said, read whole. */
interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

const once = async (call: AwsCall): Promise<Answer> => {
  const { service, region = AWS_REGION, headers: asked, body } = call;
  const url = urlOf(call);
  const headers = await signed({ service, region, method: 'POST', url, headers: asked, body });
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(url, { method: 'POST', headers, body, redirect: 'error', signal });
  return { status: response.status, headers: response.headers, text: await response.text() };
};

/** What a service says of a call that it did not take, in JSON. */
const Refusal = z.object({
  __type: z.string().optional(),
  message: z.string().optional(),
  Message: z.string().optional(),
});

/** How long the words of a service may be that a person is shown. */
const LONGEST_WORDS = 300;

const parsed = (text: string): z.infer<typeof Refusal> => {
  try {
    return Refusal.parse(JSON.parse(text));
  } catch {
    return {};
  }
};

/** An element of XML without others in it. */
const element = (name: string, text: string): string | undefined =>
  new RegExp(`<${name}>([^<]{1,${LONGEST_WORDS}})`).exec(text)?.[1];

/** The name of what is wrong, and what is said of it, in each of AWS's protocols. */
const refusalOf = ({ headers, text }: Answer): { readonly name: string; readonly words: string } => {
  const { __type, message, Message } = parsed(text);
  const name = headers.get('x-amzn-errortype') ?? __type ?? element('Code', text) ?? '';
  return {
    // `com.amazonaws.ses#MessageRejected:http://…` is a MessageRejected.
    name: name.split(':', 1)[0]?.split('#').at(-1) ?? '',
    words: message ?? Message ?? element('Message', text) ?? '',
  };
};

/** What may be taken a little later. */
export const isBusy = (name: string): boolean => /Throttl|TooManyRequests|SendingPaused|InternalFailure/.test(name);

/** What the plane may not do names its roles: that is for its log alone. */
const isForbidden = (name: string): boolean => /AccessDenied|AuthorizationError/.test(name);

const notTaken = ({ service }: AwsCall, answer: Answer): NotTold => {
  const { name, words } = refusalOf(answer);
  const said = isForbidden(name) ? 'NovaCron may not do so' : words;
  const why = [`${service.toUpperCase()} answers ${answer.status}`, name, said]
    .filter((part) => part !== '')
    .join(': ');
  return new NotTold(why.slice(0, LONGEST_WORDS), isPassing(answer.status) || isBusy(name));
};

/**
 * Asks a service of AWS once, as the function itself: one way for all of them, since a client of the SDK each would not fit
 * into the function. @returns what it answers. @throws NotTold; the same may be said again where it was busy or away
 */
export const callAws = async (call: AwsCall): Promise<string> => {
  let answer: Answer;
  try {
    answer = await once(call);
  } catch (error) {
    throw new NotTold(
      `${call.service.toUpperCase()} cannot be reached: ${error instanceof Error ? error.message : error}`,
      true,
    );
  }
  if (answer.status < 200 || answer.status >= 300) throw notTaken(call, answer);
  return answer.text;
};
