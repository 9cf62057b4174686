import { Fault, type FaultName } from '../../domain/faults.ts';

/** What each error of SSM and S3 means to us; the rest is Internal. Source: the API references of the calls made here. */
const BY_NAME: Readonly<Record<string, { name: FaultName; detail: string }>> = {
  InvalidInstanceId: { name: 'HostUnreachable', detail: 'SSM knows no such node, or its agent is not online.' },
  InvalidInstanceInformationFilterValue: { name: 'Internal', detail: 'SSM refuses our search for the node.' },
  TargetNotConnected: { name: 'HostUnreachable', detail: "The node's agent is not connected." },
  ThrottlingException: { name: 'Throttled', detail: 'AWS throttles us.' },
  Throttling: { name: 'Throttled', detail: 'AWS throttles us.' },
  TooManyRequestsException: { name: 'Throttled', detail: 'AWS throttles us.' },
  SlowDown: { name: 'Throttled', detail: 'S3 throttles us.' },
  TooManyUpdates: { name: 'Throttled', detail: 'AWS has too many concurrent updates.' },
  RateExceeded: { name: 'Throttled', detail: 'AWS throttles us.' },
  InternalServerError: { name: 'ProviderUnreachable', detail: 'AWS had an error of its own.' },
  InternalError: { name: 'ProviderUnreachable', detail: 'S3 had an error of its own.' },
  RequestTimeout: { name: 'ProviderUnreachable', detail: 'S3 waited in vain for the rest of our request.' },
  ServiceUnavailable: { name: 'ProviderUnreachable', detail: 'AWS is not available.' },
  TimeoutError: { name: 'ProviderUnreachable', detail: 'AWS did not answer in time.' },
  AccessDeniedException: { name: 'ProviderDenied', detail: 'AWS denies NovaCron this call.' },
  AccessDenied: { name: 'ProviderDenied', detail: 'AWS denies NovaCron this call.' },
  UnrecognizedClientException: { name: 'ProviderDenied', detail: 'AWS does not accept our credentials.' },
  ExpiredTokenException: { name: 'ProviderDenied', detail: 'Our credentials have expired.' },
  UnsupportedPlatformType: { name: 'HostFault', detail: 'The node is no Linux host.' },
  InvalidDocument: { name: 'Internal', detail: 'The command document is missing: deploy the stacks again.' },
  InvalidDocumentVersion: { name: 'Internal', detail: 'The command document has no such version.' },
  InvalidParameters: { name: 'SpecRefused', detail: 'The command document refuses a parameter.' },
  InvalidParameterException: { name: 'SpecRefused', detail: 'SSM refuses a parameter.' },
  ValidationException: { name: 'SpecRefused', detail: 'SSM refuses a parameter.' },
  MaxDocumentSizeExceeded: { name: 'SpecRefused', detail: 'The command is larger than SSM takes.' },
};

/** Codes Node gives a connection that broke; the fence on the host makes trying again safe. */
const BROKEN = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN']);

const isBroken = (error: Error): boolean => 'code' in error && typeof error.code === 'string' && BROKEN.has(error.code);

/** The one place where AWS's errors become ours; the cause is kept for the log. */
export const awsFault = (error: unknown, call: string): Fault => {
  if (error instanceof Fault) return error;
  if (!(error instanceof Error)) return new Fault('Internal', `${call} failed.`, { cause: error });
  const known = BY_NAME[error.name];
  if (known) return new Fault(known.name, `${known.detail} (${call}: ${error.message})`, { cause: error });
  const name = isBroken(error) ? 'ProviderUnreachable' : 'Internal';
  return new Fault(name, `${call} failed: ${error.message}`, { cause: error });
};
