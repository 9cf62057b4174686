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

const THROTTLES: Partial<Record<ServiceName, readonly [string, number]>> = {
  ec2: ['RequestLimitExceeded', 503],
  s3: ['SlowDown', 503],
};

/** Each service's own word for "not so fast"; the SDK sends such a call again by itself. */
export const throttleOf = (service: ServiceName): Error => {
  const [name, status] = THROTTLES[service] ?? ['ThrottlingException', 400];
  return Object.assign(awsError(name, status), { $retryable: { throttling: true } });
};
