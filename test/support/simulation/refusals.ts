import type { ServiceName } from './transport.ts';

/** An error without its stack: where in this rig a refusal is made says nothing, and each is made in vain. */
const errorOf = (message: string): Error => {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new Error(message);
  Error.stackTraceLimit = stackTraceLimit;
  return error;
};

/** An error with the fields by which the SDK, and so our code, judges it. */
export const awsError = (name: string, status = 400, message = `${name}, as AWS says it`): Error =>
  Object.assign(errorOf(message), {
    name,
    $fault: status < 500 ? 'client' : 'server',
    $metadata: { httpStatusCode: status },
  });

/** A connection that broke: nobody knows whether the call was done. */
export const networkError = (): Error => Object.assign(errorOf('read ECONNRESET'), { code: 'ECONNRESET' });

/** Each service's own word for "not so fast"; the SDK sends such a call again by itself. */
export const throttleOf = (service: ServiceName): Error => {
  const name = service === 'ec2' ? 'RequestLimitExceeded' : 'ThrottlingException';
  return Object.assign(awsError(name, service === 'ec2' ? 503 : 400), { $retryable: { throttling: true } });
};
