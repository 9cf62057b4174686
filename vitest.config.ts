import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** What stacks give to functions; a module that is imported reads its own at once. */
const env = {
  AWS_REGION: 'eu-central-1',
  ACCOUNT: '123456789012',
  REGIONS: 'eu-central-1,us-east-1',
  INSTALLATION: 'unit',
  UNIT_VERSION: '1',
  STAGE: 'dev',
  STATE_TABLE: 'state',
  AUDIT_TABLE: 'audit',
  AUDIT_BUCKET: 'audit-bucket',
  AUDIT_KEY_PARAMETER: '/novacron/unit/audit-key',
  KEY_ARN: 'arn:aws:kms:eu-central-1:123456789012:key/k',
  TELEMETRY_TABLE: 'telemetry',
  // No test is refused for its haste, but those that set less.
  PRINCIPAL_RATE_LIMIT: '1e9',
  PROJECT_RATE_LIMIT: '1e9',
  BUS_NAME: 'novacron',
  BUCKET_NAME: 'bucket',
  LOOKS_QUEUE_URL: 'https://sqs.test/looks',
  BEATS_QUEUE_URL: 'https://sqs.test/beats',
  ACTIONS_QUEUE_URL: 'https://sqs.test/actions',
  ALERT_TOPIC_ARN: 'arn:aws:sns:eu-central-1:123456789012:alerts',
  NOTICE_QUEUES: '{"topic":"https://sqs.test/topic.fifo","slack":"https://sqs.test/slack.fifo"}',
  ALERT_RECEIVER_HOSTS: '',
  REMOTE_WRITE: '{"url":"https://metrics.test/api/v1/write"}',
  MAIL_FROM: 'alerts@plane.test',
  RECEIVER_TOPICS: 'arn:aws:sns:eu-west-1:123456789012:pager,arn:aws:sns:eu-central-1:123456789012:pager.fifo',
  RECEIVER_SMS: 'true',
  RECEIVER_BUSES: 'ops',
  DEAD_LETTERS_URL: 'https://sqs.test/dead-letters',
  UNSENT_ARN: 'arn:aws:sqs:eu-west-1:123456789012:unsent.fifo',
  API_URL: 'https://api.test',
  NODE_ROLE_NAME: 'novacron-unit-node',
  STATE_MACHINE_PREFIX: 'arn:aws:states:eu-central-1:123456789012:stateMachine:novacron-unit-',
  OIDC_ISSUER: 'https://issuer.test',
  OIDC_AUDIENCE: 'novacron',
  SLACK_WEBHOOK_PARAMETER: '/novacron/unit/slack-webhook',
  IAM_ROLES:
    '{"arn:aws:iam::123456789012:role/deploy":"operator","arn:aws:iam::123456789012:role/shop":"shop:admin","arn:aws:iam::123456789012:role/root":"admin"}',
  POWERTOOLS_SERVICE_NAME: 'novacron',
  POWERTOOLS_METRICS_NAMESPACE: 'NovaCron',
  POWERTOOLS_LOG_LEVEL: 'SILENT',
  POWERTOOLS_METRICS_DISABLED: 'true',
};

/** Starts emulators of its own and waits most of the time: others run beside it. */
const WAITING = ['test/local/emulator/**/*.test.ts'];

/** Moves the clock of the plane's scheduler: what it leaves would be found by the audits of others. */
const TWO_WEEKS = ['test/local/schedules.test.ts'];

/** Far above what any takes: a busy machine is no failure. A gate is no lottery: properties go from a seed. */
const UNIT = {
  env,
  testTimeout: 30_000,
  alias: { 'fast-check': join(import.meta.dirname, 'test/support/fast-check.ts') },
};

/**
 * Projects by what they need: `unit` and `unit-pure` nothing, `faults` nothing but time (thousands of cases), `fuzz` schemathesis,
 * `stacks` a CDK synth, `contract`, `waiting`, `local`, `two-weeks`, `restart` and `powers` a running plane and libvirt.
 */
export default defineConfig({
  test: {
    reporters: ['default', './test/support/counting.ts'],
    // Vitest itself leaves one out, which of two is half.
    maxWorkers: availableParallelism(),
    projects: [
      { test: { ...UNIT, name: 'unit', include: ['test/{api,runtime,steps,events,schedules,alerting}/**/*.test.ts'] } },
      // None leaves anything in a module that another would find: they share what was loaded once, which is most of the time.
      {
        test: {
          ...UNIT,
          name: 'unit-pure',
          include: ['test/{domain,store,providers,cli,workflows}/**/*.test.ts'],
          isolate: false,
        },
      },
      // No test: keeps the executions of a release for the next one.
      { test: { name: 'record', env, include: ['test/faults/upgrade/record.ts'] } },
      { test: { ...UNIT, name: 'faults', include: ['test/faults/**/*.test.ts'], testTimeout: 900_000 } },
      {
        test: {
          name: 'fuzz',
          env,
          include: ['test/fuzz/**/*.test.ts'],
          setupFiles: ['test/fuzz/setup.ts'],
          testTimeout: 900_000,
        },
      },
      { test: { name: 'stacks', include: ['test/stacks/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 } },
      {
        test: {
          name: 'contract',
          include: ['test/contract/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'local',
          include: ['test/local/*.test.ts'],
          exclude: [...WAITING, ...TWO_WEEKS],
          testTimeout: 300_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
      { test: { name: 'waiting', include: WAITING, testTimeout: 900_000, hookTimeout: 600_000 } },
      { test: { name: 'two-weeks', include: TWO_WEEKS, testTimeout: 300_000, hookTimeout: 600_000 } },
      {
        test: {
          name: 'outages',
          include: ['test/outages/**/*.test.ts'],
          testTimeout: 1_200_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'restart',
          include: ['test/local/restart/**/*.test.ts'],
          testTimeout: 400_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      // After the others on the same plane: compares what its functions did with what they may.
      { test: { name: 'powers', env, include: ['test/local/powers/**/*.test.ts'], testTimeout: 60_000 } },
    ],
    coverage: {
      provider: 'v8',
      include: ['lambdas/domain/**', 'lambdas/providers/**'],
      reporter: ['text-summary', 'json-summary'],
      thresholds: { branches: 95 },
    },
  },
});
