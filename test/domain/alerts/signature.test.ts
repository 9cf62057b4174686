import { expect, it } from 'vitest';
import { signatureHeaders, signingKeyOf } from '../../../lambdas/domain/alerts/signature.ts';

/** The example that the libraries of Standard Webhooks are tested with. */
it('a body is signed as Standard Webhooks has it', () => {
  const key = signingKeyOf('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw') ?? Buffer.alloc(0);
  const signed = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', at: 1_614_265_330_999, body: '{"test": 2432232314}' };
  expect(signatureHeaders(key, signed)).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

it.each(['', 'whsec_', 'whsec_short', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa$w'])(
  '%j is no secret to sign by',
  (secret) => {
    expect(signingKeyOf(secret)).toBeUndefined();
  },
);
