import { Fault, type FaultName } from '../../domain/faults.ts';

/** EC2's and SSM's error codes in our words; the one place where they are translated. Longest reason first, by pattern. */
const TRANSLATIONS: readonly (readonly [RegExp, FaultName])[] = [
  [/^(Server\.)?Insufficient\w*Capacity$|^MaxSpotInstanceCountExceeded$/, 'CapacityUnavailable'],
  [/^(RequestLimitExceeded|Throttling\w*|TooManyRequests\w*|EC2ThrottledException|SlowDown)$/, 'Throttled'],
  [/LimitExceeded$|QuotaExceeded$/, 'QuotaExceeded'],
  [
    /^(UnauthorizedOperation|AuthFailure|AccessDenied\w*|OptInRequired|PendingVerification|Blocked|UnrecognizedClient\w*|ExpiredToken\w*|RequestExpired|InvalidClientTokenId|SignatureDoesNotMatch)$/,
    'ProviderDenied',
  ],
  [/^InvalidInstanceID(\.NotFound|\.Malformed)?$/, 'VmLost'],
  [/^IncorrectInstanceState$|^IncorrectState$/, 'InvalidTransition'],
  [/^OperationNotPermitted$/, 'VmProtected'],
  // Its token was taken for another request: something was launched by it, and is not to be seen yet.
  [/^IdempotentParameterMismatch$/, 'ProviderUnreachable'],
  [/^Unsupported(Operation|HibernationConfiguration)$/, 'CapabilityMissing'],
  [/^(Invalid|Missing|Unsupported|Unknown|Malformed|Volume|Encrypted|Client\.|ParameterNotFound)/, 'SpecRefused'],
];

/** What an SDK error carries beyond Error; read defensively, for anything may be thrown. */
interface SdkError extends Error {
  readonly $fault?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** The code of an SDK error (`InsufficientInstanceCapacity`), or the name of any other. */
export const codeOf = (error: unknown): string => (error instanceof Error ? error.name : '');

const named = (code: string): FaultName | undefined => TRANSLATIONS.find(([pattern]) => pattern.test(code))?.[1];

/**
 * Whether the service itself said no, so that nothing was done. Everything else (cut replies, time-outs, internal
 * errors) leaves open whether the call took effect.
 */
export const isDefinite = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false;
  // An Error may carry the SDK's fields; they are optional and checked.
  const { $fault, $metadata } = error as SdkError;
  if ($fault === undefined) return false;
  return named(error.name) !== undefined || ($metadata?.httpStatusCode ?? 500) < 500;
};

/** Whether another instance type may still be had: EC2 definitely lacks this one, or does not offer it in this zone. */
export const lacksCapacity = (error: unknown): boolean =>
  isDefinite(error) && (named(codeOf(error)) === 'CapacityUnavailable' || codeOf(error) === 'Unsupported');

/** Whether EC2 took too many calls or instances just now, and definitely did nothing of this one. */
export const isThrottle = (error: unknown): boolean => isDefinite(error) && named(codeOf(error)) === 'Throttled';

/** Authorisation failures carry a kilobyte of ciphertext that helps nobody who reads a problem. */
const readable = (message: string): string =>
  message
    .replace(/Encoded authorization failure message: \S+/, '')
    .trim()
    .slice(0, 1000);

/** The Fault that an error of the AWS SDK stands for; Faults pass unchanged, and the cause is kept for the log. */
export const toFault = (error: unknown, doing: string): Fault => {
  if (error instanceof Fault) return error;
  const message = error instanceof Error ? readable(error.message) : String(error);
  const detail = `${doing}: ${message} (${codeOf(error) || 'no code'})`;
  if (!isDefinite(error)) return new Fault('ProviderUnreachable', detail, { cause: error });
  return new Fault(named(codeOf(error)) ?? 'Internal', detail, { cause: error });
};

/** Runs a call and lets only Faults out of it. `doing` begins the sentence that a person reads. */
export const translated = async <Result>(doing: string, call: () => Promise<Result>): Promise<Result> => {
  try {
    return await call();
  } catch (error) {
    throw toFault(error, doing);
  }
};
