import * as z from 'zod';
import { Grant } from '../lambdas/domain/grant.ts';
import { RemoteWrite, workspaceOf } from '../lambdas/domain/metrics/remote-write.ts';
import { DEFAULT_PRICE_BOOK, PriceBook } from '../lambdas/domain/price.ts';
import { urlRefusal } from '../lambdas/domain/public-url.ts';

/** A list that stands in cdk.json as an array and behind `-c` as comma-separated text. */
const list = (item: z.ZodString) =>
  z.preprocess(
    (value) =>
      typeof value === 'string'
        ? value
            .split(',')
            .map((part) => part.trim())
            .filter((part) => part !== '')
        : value,
    z.array(item),
  );

/** A record stands behind `-c` as JSON; what is none is left for the schema to refuse. */
const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/** Numbers and booleans arrive from `-c` as text. */
const number = z.preprocess((value) => (typeof value === 'string' ? Number(value) : value), z.number('a number'));
const flag = z.preprocess(
  (value) => (value === 'true' ? true : value === 'false' ? false : value),
  z.boolean('true or false'),
);

const Region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'the name of a Region such as eu-central-1');
const HttpsUrl = z.string().regex(/^https:\/\/[^\s/]+(\/[^\s]*)?$/, 'an https URL');
const CidrOrHost = z.string().regex(/^[a-z0-9.:/-]+$/i, 'a CIDR block or a host name');
const STAGES = ['dev', 'test', 'prod'] as const;

/** The settings of one installation: the context of cdk.json, or `-c key=value`. README.md explains each. */
export const Config = z.strictObject({
  /** Marks everything this deployment owns; two installations in one account never touch each other's VMs. */
  installation: z
    .string('a name')
    .regex(/^[a-z][a-z0-9-]{1,20}$/, '2 to 21 characters of a-z, 0-9 and -, beginning with a letter'),
  stage: z.enum(STAGES, `one of ${STAGES.join(', ')}`).default('dev'),
  /** Regions beside the home Region in which EC2 instances may be made and seen. */
  regions: list(Region).default([]),
  /** Your own issuer; without it a Cognito user pool is made. */
  oidcIssuer: HttpsUrl.optional(),
  oidcAudience: list(z.string().min(1)).default([]),
  /** Whom POST /v1/token gives a token: the ARN of an IAM role or user, and the role it gets here (`shop:operator` in a project). */
  iamRoles: z
    .preprocess(
      (value) => (typeof value === 'string' ? parsed(value) : value),
      z.record(
        z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/.+$/),
        Grant,
        'a record of viewer, operator, admin or <project>:<role> by ARN',
      ),
    )
    .default({}),
  /** Hears of failed operations and of alarms. */
  alertEmail: z.email('an e-mail address').optional(),
  /** Name of the SSM SecureString parameter that holds the Slack webhook's URL. */
  slackWebhookParameter: z
    .string()
    .regex(/^\/[\w./-]{1,1000}$/, 'the name of a parameter, beginning with /')
    .optional(),
  /** What may be promised per physical unit on a KVM host. */
  kvmCpuOvercommit: number.pipe(z.number('a number').min(1, '1 to 32').max(32, '1 to 32')).default(4),
  kvmMemoryOvercommit: number.pipe(z.number('a number').min(1, '1 to 4').max(4, '1 to 4')).default(1),
  kvmDiskOvercommit: number.pipe(z.number('a number').min(1, '1 to 20').max(20, '1 to 20')).default(2),
  /** What an hour on own hosts is reckoned at, for estimates: PriceBook of lambdas/domain/price.ts. */
  priceBook: z
    .preprocess((value) => (typeof value === 'string' ? parsed(value) : value), PriceBook)
    .default(DEFAULT_PRICE_BOOK),
  /** Private addresses from which hosts may fetch images, as CIDR blocks or host names. */
  imageMirrors: list(CidrOrHost).default([]),
  /** Private addresses to which alerts may be posted, as CIDR blocks or host names. */
  webhookHosts: list(CidrOrHost).default([]),
  /** Where mails to receivers of alerts come from: an address of an identity that SES has verified in this Region. */
  mailFrom: z.email('an e-mail address').optional(),
  /** That identity, a domain or an address; left out, it is the domain of `mailFrom`. */
  mailIdentity: z
    .string()
    .regex(/^[\w.+-]+(@[\w.-]+)?$/, 'a domain or an e-mail address')
    .optional(),
  /** Topics to which alerts may be published, by their ARNs, beside the installation's own. */
  snsTopics: list(
    z.string().regex(/^arn:aws[a-z-]*:sns:[a-z\d-]+:\d{12}:[\w-]{1,256}(\.fifo)?$/, 'the ARN of an SNS topic'),
  ).default([]),
  /** Send alerts to telephones: text messages are paid for, each part. */
  sms: flag.default(false),
  /** Buses of this account and Region on which alerts may be put, by their names. */
  eventBuses: list(z.string().regex(/^[\w./-]{1,256}$/, 'the name of an event bus')).default([]),
  /** Ask CloudWatch what VMs on EC2 use: $0.24 for each and month (docs/metrics.md). */
  ec2Metrics: flag.default(true),
  /** Tell CloudWatch a dozen figures of the whole plane each minute, while there are hosts or VMs: up to $3.30 a month. */
  planeMetrics: flag.default(true),
  /** To which Prometheus-compatible store all samples go (docs/metrics.md). */
  remoteWrite: z.preprocess((value) => (typeof value === 'string' ? parsed(value) : value), RemoteWrite).optional(),
  /** How long a deleted KVM VM's disks are kept. */
  retainDays: number.pipe(z.int('a whole number of days').min(0, '0 to 90').max(90, '0 to 90')).default(7),
  /** Requests a second and burst that the HTTP API takes of all together. */
  apiRateLimit: number.pipe(z.int('a whole number').min(1, '1 to 10000').max(10000, '1 to 10000')).default(1000),
  apiBurstLimit: number.pipe(z.int('a whole number').min(1, '1 to 5000').max(5000, '1 to 5000')).default(2000),
  /** Requests a second of one person or program, and of all those of a project; a host has a tenth of the former. */
  principalRateLimit: number.pipe(z.int('a whole number').min(1, '1 to 10000').max(10000, '1 to 10000')).default(50),
  projectRateLimit: number.pipe(z.int('a whole number').min(1, '1 to 10000').max(10000, '1 to 10000')).default(100),
  /** Reserve concurrency for the queue consumers; off, since a fresh account has 10 in all. */
  reservedConcurrency: flag.default(false),
  /** Name of a managed policy of the account that bounds every role made here. */
  permissionsBoundary: z
    .string()
    .regex(/^[\w+=,.@/-]{1,512}$/, 'the name of a managed policy, with its path')
    .optional(),
  /** `cli` deploys with the caller's own credentials and needs an asset bucket only, no bootstrap roles. */
  synthesizer: z.enum(['default', 'cli'], 'one of default, cli').default('default'),
});
export type Config = z.infer<typeof Config>;
export type Stage = Config['stage'];

/** What a stage means. */
export interface StageTraits {
  /** Data outlives the stack. */
  readonly retain: boolean;
  readonly deletionProtection: boolean;
  readonly logDays: 7 | 14 | 90;
  /** Signed heads of audit logs cannot be taken away for so long: by nobody at all, or by who may bypass governance. */
  readonly headsLocked: { readonly mode: 'compliance' | 'governance'; readonly days: number };
  /** How far back the tables can be restored. */
  readonly recoveryDays: 1 | 7 | 35;
  /** Alarms notify; where not, they are only seen on the dashboard. */
  readonly alarmsNotify: boolean;
  /** New code gets a tenth of the calls for five minutes first; an alarm meanwhile turns it back. */
  readonly canary: boolean;
}

export const STAGE_TRAITS: Record<Stage, StageTraits> = {
  dev: {
    retain: false,
    deletionProtection: false,
    logDays: 7,
    headsLocked: { mode: 'governance', days: 1 },
    recoveryDays: 1,
    alarmsNotify: false,
    canary: false,
  },
  test: {
    retain: false,
    deletionProtection: false,
    logDays: 14,
    headsLocked: { mode: 'governance', days: 7 },
    recoveryDays: 7,
    alarmsNotify: true,
    canary: false,
  },
  prod: {
    retain: true,
    deletionProtection: true,
    logDays: 90,
    headsLocked: { mode: 'compliance', days: 365 },
    recoveryDays: 35,
    alarmsNotify: true,
    canary: true,
  },
};

/** A setting that cannot be deployed; the message is for the person, without a stack trace. */
export class ConfigFault extends Error {
  override readonly name = 'ConfigFault';
}

/** CDK's own context keys hold a colon, an at sign or a slash; whatever remains is ours, and a typo in it is refused. */
const isOurs = (key: string): boolean => !/[:@/]/.test(key) && !key.startsWith('cdk-') && !key.startsWith('cli-');

const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));

const sentence = (issue: z.core.$ZodIssue, context: Record<string, unknown>): string => {
  if (issue.code === 'unrecognized_keys') {
    return `the context has ${issue.keys.map((key) => `"${key}"`).join(', ')}, which is no setting; the settings are ${Object.keys(Config.shape).join(', ')}`;
  }
  const [key = ''] = issue.path;
  return `the setting "${String(key)}" is ${shown(context[String(key)])}, but it must be ${issue.message.replace(/^Invalid input: expected /, 'a ')}`;
};

/** Reads the settings of the app's context. @throws ConfigFault naming the key, what it got and what it wants */
export const readConfig = (context: Record<string, unknown>): Config => {
  const ours = Object.fromEntries(Object.entries(context).filter(([key]) => isOurs(key)));
  const read = Config.safeParse(ours);
  if (!read.success) {
    throw new ConfigFault(`cdk.json: ${read.error.issues.map((issue) => sentence(issue, ours)).join('; ')}.`);
  }
  if (read.data.oidcIssuer && read.data.oidcAudience.length === 0) {
    throw new ConfigFault(
      'cdk.json: the setting "oidcAudience" is [], but beside "oidcIssuer" it must name at least one audience.',
    );
  }
  const refusal = remoteWriteRefusal(read.data);
  if (refusal !== undefined) throw new ConfigFault(`cdk.json: the setting "remoteWrite" cannot be used: ${refusal}.`);
  return read.data;
};

/** Why no samples could go where they are to; undefined where they can, or are to go nowhere. */
const remoteWriteRefusal = ({ remoteWrite, webhookHosts }: Config): string | undefined => {
  if (remoteWrite === undefined) return undefined;
  const { url, authorization } = remoteWrite;
  if (workspaceOf(url) && authorization)
    return 'requests to Amazon Managed Service for Prometheus are signed, and carry no other authorization';
  const refusal = urlRefusal(url, { what: 'webhooks', mirrors: webhookHosts });
  return refusal === undefined ? undefined : `its URL is not one to write to: ${refusal}`;
};
