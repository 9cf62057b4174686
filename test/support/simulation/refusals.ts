import type { ServiceName } from './transport.ts';

/** An error with the fields by which the SDK, and so our code, judges it. */
export const awsError = (name: string, status = 400, message = `${name}, as AWS says it`): Error =>
  Object.assign(new Error(message), {
    name,
    $fault: status < 500 ? 'client' : 'server',
    $metadata: { httpStatusCode: status },
  });

/** A connection that broke: nobody knows whether the call was done. */
export const networkError = (): Error => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });

/** Each service's own word for "not so fast"; the SDK sends such a call again by itself. */
export const throttleOf = (service: ServiceName): Error => {
  const name = service === 'ec2' ? 'RequestLimitExceeded' : 'ThrottlingException';
  return Object.assign(awsError(name, service === 'ec2' ? 503 : 400), { $retryable: { throttling: true } });
};
