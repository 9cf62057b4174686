import { vi } from 'vitest';

/** One call that a service of AWS was asked. */
export interface ServiceCall {
  /** `email`, `sns` or `events`. */
  readonly service: string;
  readonly region: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
}

/** SES, SNS and EventBridge as `fetch` meets them: each call is kept, and answered as the test says. */
export class AwsServices {
  readonly calls: ServiceCall[] = [];
  answer: (call: ServiceCall) => Response | Promise<Response> = () => new Response('{}');

  constructor() {
    const others = globalThis.fetch;
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    vi.stubGlobal('fetch', async (input: URL | string, init: RequestInit = {}) => {
      const url = new URL(input);
      const [, service, region] = /^(email|sns|events)\.([\w-]+)\.amazonaws\.com$/.exec(url.host) ?? [];
      if (service === undefined || region === undefined) return others(input, init);
      const call = { service, region, path: url.pathname, headers: new Headers(init.headers), body: String(init.body) };
      if (!isSigned(call)) return new Response('{"message":"Missing Authentication Token"}', { status: 403 });
      this.calls.push(call);
      return this.answer(call);
    });
  }

  /** The mails that SES took, as they go over the wire. */
  get mails(): { readonly from: string; readonly to: readonly string[]; readonly raw: string }[] {
    return this.calls
      .filter(({ service, path }) => service === 'email' && path === '/v2/email/outbound-emails')
      .map(({ body }) => {
        const { FromEmailAddress: from, Destination, Content } = JSON.parse(body);
        return { from, to: Destination.ToAddresses, raw: Buffer.from(Content.Raw.Data, 'base64').toString() };
      });
  }
}

/** As requests are for a service of a Region: SES is signed for as `ses`. */
const isSigned = ({ service, region, headers }: ServiceCall): boolean =>
  headers.get('authorization')?.includes(`/${region}/${service === 'email' ? 'ses' : service}/aws4_request`) === true;
