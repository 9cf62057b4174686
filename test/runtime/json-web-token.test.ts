import { afterEach, describe, expect, it, vi } from 'vitest';
import { identityOfJwt } from '../../lambdas/runtime/json-web-token.ts';
import { workshop } from '../support/issuer.ts';

afterEach(() => vi.unstubAllGlobals());

/** The keys are not known beforehand here, so that they are fetched. */
const unknownKey = () => workshop.foreign({ alg: 'RS256', kid: `k${Math.random()}` }, workshop.claims());

describe('the keys of an issuer', () => {
  it('are asked for where the issuer is configured, without following a redirect, and not for ever', async () => {
    const asked = vi.fn(async (..._: Parameters<typeof fetch>) => new Response('{"keys":[]}'));
    vi.stubGlobal('fetch', asked);
    await expect(identityOfJwt(unknownKey())).rejects.toMatchObject({ name: 'Unauthenticated' });
    expect(asked).toHaveBeenCalledWith('https://issuer.test/.well-known/jwks.json', {
      redirect: 'error',
      signal: expect.any(AbortSignal),
    });
  });

  it('that are too many to be keys are not read to their end', async () => {
    let given = 0;
    const body = new ReadableStream({
      pull: (controller) => {
        given += 1;
        controller.enqueue(new Uint8Array(16_384));
      },
    });
    vi.stubGlobal('fetch', async () => new Response(body));
    vi.resetModules();
    const fresh = await import('../../lambdas/runtime/json-web-token.ts');
    await expect(fresh.identityOfJwt(unknownKey())).rejects.toMatchObject({ name: 'ProviderUnreachable' });
    expect(given).toBeLessThan(10);
  });
});
