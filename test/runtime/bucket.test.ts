import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Call, callS3 } from '../../lambdas/runtime/bucket.ts';

type Step = Response | Error;

/** What S3 answers, one after the other; the last one for ever. */
let steps: Step[] = [];
const asked: { url: URL; init: RequestInit }[] = [];

beforeEach(() => {
  asked.length = 0;
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  vi.stubGlobal('fetch', async (url: URL, init: RequestInit) => {
    asked.push({ url, init });
    const step = steps.length > 1 ? steps.shift() : steps[0];
    if (step instanceof Error) throw step;
    return step?.clone();
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

/** An answer whose body breaks off. */
const cut = Object.assign(new Response(), { clone: () => ({ status: 200, text: () => Promise.reject(reset) }) });
const reset = new TypeError('fetch failed');
const answers = (...all: (Step | number)[]): void => {
  steps = all.map((each) => (typeof each === 'number' ? new Response(`said ${each}`, { status: each }) : each));
};

const GET: Call = { method: 'GET', bucket: 'b', key: 'k', failed: 'It could not be read.' };

it.each<[string, (Step | number)[], number]>([
  ['at once', [200], 1],
  ['after a cut connection', [reset, 200], 2],
  ['after a cut body', [cut, 200], 2],
  ['after two hiccups', [503, 429, 200], 3],
  ['while another writes the same', [409, 200], 2],
])('gives the answer that comes %s', async (_, all, tries) => {
  answers(...all);
  expect((await callS3(GET)).status).toBe(200);
  expect(asked).toHaveLength(tries);
});

it.each<[string, (Step | number)[], number, string]>([
  ['a refusal', [403], 1, 'S3 answers 403: said 403'],
  ['what is not there', [404], 1, 'S3 answers 404: said 404'],
  ['an outage', [500], 3, 'S3 answers 500: said 500'],
  ['a network that is gone', [reset], 3, 'fetch failed'],
])('says of %s what failed, and its cause to the log', async (_, all, tries, cause) => {
  answers(...all);
  const failed = await callS3(GET).catch((error: unknown) => error);
  expect(failed).toMatchObject({ name: 'ProviderUnreachable', message: GET.failed, cause: { message: cause } });
  expect(asked).toHaveLength(tries);
});

it('gives what else means something to the caller', async () => {
  answers(412);
  expect((await callS3({ ...GET, also: [412] })).status).toBe(412);
});

it('asks the bucket of the Region, escaped as it is signed', async () => {
  answers(200);
  const { key: _, ...list } = GET;
  await callS3({ ...list, query: { versions: '', prefix: "heads/a b!'*/" } });
  const [{ url, init } = { url: new URL('http://none'), init: {} }] = asked;
  expect(url.href).toBe('https://b.s3.eu-central-1.amazonaws.com/?versions=&prefix=heads%2Fa%20b%21%27%2A%2F');
  expect(new Headers(init.headers).get('authorization')).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/s3\/aws4_request, SignedHeaders=host;/,
  );
});
