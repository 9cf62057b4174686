/** The variables a function may be given. The settings among them are offered to all, names of resources by the stacks that know them. */
export const VARIABLES = [
  'INSTALLATION',
  'STAGE',
  'STATE_TABLE',
  'AUDIT_TABLE',
  'TELEMETRY_TABLE',
  'AUDIT_BUCKET',
  'AUDIT_KEY_PARAMETER',
  'KEY_ARN',
  'BUS_NAME',
  'BUCKET_NAME',
  'LOOKS_QUEUE_URL',
  'BEATS_QUEUE_URL',
  'ACTIONS_QUEUE_URL',
  'ALERT_TOPIC_ARN',
  'NOTICE_QUEUES',
  'ALERT_RECEIVER_HOSTS',
  'REMOTE_WRITE',
  'MAIL_FROM',
  'RECEIVER_TOPICS',
  'RECEIVER_SMS',
  'RECEIVER_BUSES',
  'DEAD_LETTERS_URL',
  'UNSENT_ARN',
  'OIDC_ISSUER',
  'OIDC_AUDIENCE',
  'OIDC_JWKS_URI',
  'IAM_ROLES',
  'ACCOUNT',
  'REGIONS',
  'NODE_ROLE_NAME',
  'UNIT_VERSION',
  'API_URL',
  'SLACK_WEBHOOK_PARAMETER',
  'STATE_MACHINE_PREFIX',
  'IMAGE_MIRRORS',
  'KVM_CPU_OVERCOMMIT',
  'KVM_MEMORY_OVERCOMMIT',
  'KVM_DISK_OVERCOMMIT',
  'PRICE_BOOK',
  'RETAIN_DAYS',
  'PRINCIPAL_RATE_LIMIT',
  'PROJECT_RATE_LIMIT',
  'POWERTOOLS_SERVICE_NAME',
  'POWERTOOLS_METRICS_NAMESPACE',
] as const;
type Variable = (typeof VARIABLES)[number];
export type Environment = Readonly<Partial<Record<Variable, string>>>;

/**
 * Those of the offered variables that the bundle names: each module of lambdas/ declares its own with `env({…})`,
 * and tree shaking has removed the modules that the function does not use.
 */
export const pick = (offered: Environment, code: string): Record<string, string> => {
  const named = VARIABLES.filter((name) => new RegExp(`\\b${name}\\b`).test(code));
  return Object.fromEntries(named.flatMap((name) => (offered[name] === undefined ? [] : [[name, offered[name]]])));
};
