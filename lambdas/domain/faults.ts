/**
 * Every failure NovaCron can name. One word is the thrown name, the ASL ErrorEquals, the problem type and the metric
 * dimension; `status` is the HTTP answer, `retry` says whether the same request may succeed when simply tried again.
 * docs/problems/<Name>.md explains each to the person who meets it.
 */
export const FAULTS = {
  InvalidRequest: { status: 400, retry: false, title: 'The request is not valid' },
  InvalidJson: { status: 400, retry: false, title: 'The body is not JSON' },
  InvalidCursor: { status: 400, retry: false, title: 'The cursor is not one of ours' },
  InvalidFilter: { status: 400, retry: false, title: 'The filter cannot be read' },
  Unauthenticated: { status: 401, retry: false, title: 'No valid bearer token' },
  Forbidden: { status: 403, retry: false, title: 'Your role does not allow this' },
  RouteNotFound: { status: 404, retry: false, title: 'No such route' },
  VmNotFound: { status: 404, retry: false, title: 'No such VM' },
  HostNotFound: { status: 404, retry: false, title: 'No such host' },
  GroupNotFound: { status: 404, retry: false, title: 'No such group' },
  CalendarNotFound: { status: 404, retry: false, title: 'No such calendar' },
  WindowNotFound: { status: 404, retry: false, title: 'No such window' },
  ImageNotFound: { status: 404, retry: false, title: 'No such image' },
  OperationNotFound: { status: 404, retry: false, title: 'No such operation' },
  ProjectNotFound: { status: 404, retry: false, title: 'No such project' },
  AlertNotFound: { status: 404, retry: false, title: 'No such alert' },
  SilenceNotFound: { status: 404, retry: false, title: 'No such silence' },
  RuleNotFound: { status: 404, retry: false, title: 'No such rule' },
  ScheduleNotFound: { status: 404, retry: false, title: 'No such schedule' },
  TokenNotFound: { status: 404, retry: false, title: 'No such token' },
  SizeNotFound: { status: 404, retry: false, title: 'No such size' },
  MethodNotAllowed: { status: 405, retry: false, title: 'This route has no such method' },
  MetricUnknown: { status: 422, retry: false, title: 'No such metric' },
  RuleCyclic: { status: 422, retry: false, title: 'The rule refers to itself' },
  InvalidTransition: { status: 409, retry: false, title: 'The VM cannot do that now' },
  NameTaken: { status: 409, retry: false, title: 'The name is in use' },
  GroupInUse: { status: 409, retry: false, title: 'Schedules or windows are about the group' },
  CalendarInUse: { status: 409, retry: false, title: 'Schedules or windows refer to the calendar' },
  WindowInUse: { status: 409, retry: false, title: 'Schedules or silences refer to the window' },
  SilenceDerived: { status: 409, retry: false, title: 'A schedule or a window makes the silence' },
  SilenceRecurs: { status: 409, retry: false, title: 'The silence recurs' },
  RuleInUse: { status: 409, retry: false, title: 'Rules refer to the rule' },
  RuleBuiltIn: { status: 409, retry: false, title: 'The rule is built in' },
  ImageInUse: { status: 409, retry: false, title: 'Clones stand on this image' },
  HostInUse: { status: 409, retry: false, title: 'VMs live on this host' },
  ProjectInUse: { status: 409, retry: false, title: 'VMs or tokens are left in the project' },
  ProjectFull: { status: 409, retry: false, title: 'The project may have no more VMs' },
  VmLocked: { status: 409, retry: true, title: 'Another operation holds the VM' },
  VmNotManaged: { status: 409, retry: false, title: 'The VM was not made by NovaCron and is read-only' },
  VmProtected: { status: 409, retry: false, title: 'Deletion protection is on' },
  NotCancellable: { status: 409, retry: false, title: 'The operation cannot be cancelled any more' },
  PreconditionFailed: { status: 412, retry: false, title: 'It has changed since you read it' },
  PayloadTooLarge: { status: 413, retry: false, title: 'The body is too large' },
  UnsupportedMediaType: { status: 415, retry: false, title: 'The body is not of type application/json' },
  KeyReused: { status: 422, retry: false, title: 'This Idempotency-Key belongs to another request' },
  QuotaExceeded: { status: 422, retry: false, title: 'A quota is used up' },
  CapabilityMissing: { status: 422, retry: false, title: 'The provider cannot do that' },
  LocationRefused: { status: 422, retry: false, title: 'This account or Region is not enabled' },
  NoHostFits: { status: 422, retry: false, title: 'No host can take the VM' },
  ImageUrlRefused: { status: 422, retry: false, title: 'The image may not be fetched from there' },
  FeedUnusable: { status: 422, retry: false, title: 'The calendar feed cannot be read' },
  ImageInvalid: { status: 422, retry: false, title: 'The image is not usable' },
  ChecksumMismatch: { status: 422, retry: false, title: 'The image is not what its checksum says' },
  SpecRefused: { status: 422, retry: false, title: 'The provider refuses this specification' },
  PlacementRaced: { status: 409, retry: true, title: 'Another VM took the place first' },
  TooManyRequests: { status: 429, retry: true, title: 'Too many requests' },
  Throttled: { status: 503, retry: true, title: 'The provider asks us to slow down' },
  ProviderUnreachable: { status: 503, retry: true, title: 'The provider does not answer' },
  CapacityUnavailable: { status: 503, retry: true, title: 'No capacity right now' },
  HostUnreachable: { status: 503, retry: true, title: 'The host does not answer' },
  HostUnitOutdated: { status: 503, retry: true, title: 'The host unit must be upgraded first' },
  HostFault: { status: 502, retry: false, title: 'The host could not do it' },
  DiskFull: { status: 507, retry: false, title: 'The host has no disk space left' },
  CommandFenced: { status: 409, retry: false, title: 'A newer attempt has overtaken this command' },
  CommandTooLate: { status: 503, retry: true, title: 'The command came after its time to begin' },
  CommandGarbled: { status: 502, retry: true, title: 'The answer of the host is cut or garbled' },
  ProviderDenied: { status: 502, retry: false, title: 'AWS denied NovaCron this call' },
  VmLost: { status: 410, retry: false, title: 'The VM is gone at its provider' },
  GraceOver: { status: 504, retry: false, title: 'The guest did not stop in its grace period' },
  TimedOut: { status: 504, retry: false, title: 'It took too long' },
  Cancelled: { status: 409, retry: false, title: 'A person cancelled the operation' },
  HostIsAnother: { status: 409, retry: false, title: 'The machine is not the host that it registered for' },
  EnrolmentRefused: { status: 422, retry: false, title: 'The host fails a check that it needs to pass' },
  WriteConflict: { status: 409, retry: true, title: 'Two writers met; read again and retry' },
  Internal: { status: 500, retry: false, title: 'Something of ours failed' },
} as const satisfies Record<string, { status: number; retry: boolean; title: string }>;

export type FaultName = keyof typeof FAULTS;

interface FaultOptions extends ErrorOptions {
  readonly errors?: readonly FieldError[];
  readonly retryAfterSeconds?: number;
  readonly limit?: ReachedLimit;
}

/** A limit of requests that was reached, as the header fields RateLimit tell it: whose, and how many in its window. */
export interface ReachedLimit {
  readonly name: string;
  readonly most: number;
}

/** A failure with one of our names; `detail` is for the person and says what to do, `cause` is for the log. */
export class Fault extends Error {
  override readonly name: FaultName;
  /** JSON pointers into the request, for problems of input. */
  readonly errors: readonly FieldError[];
  /** When the same request may succeed, where that is known. */
  readonly retryAfterSeconds: number | undefined;
  readonly limit: ReachedLimit | undefined;

  constructor(name: FaultName, detail: string, options?: FaultOptions) {
    super(detail, options);
    this.name = name;
    this.errors = options?.errors ?? [];
    this.retryAfterSeconds = options?.retryAfterSeconds;
    this.limit = options?.limit;
  }
}

export interface FieldError {
  /** RFC 6901 pointer into the body, or `query/<name>`, `path/<name>`, `header/<name>`. */
  readonly pointer: string;
  readonly detail: string;
}

/** Throws the named fault; an expression, so that it stands behind `??`. */
export const raise = (name: FaultName, detail: string): never => {
  throw new Fault(name, detail);
};
