import { defineConfig } from 'vitest/config';

/** Four projects by what they need: `unit` nothing, `stacks` a CDK synth, `contract` and `local` a running plane and libvirt. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          // What stacks give to functions; a module that is imported reads its own at once.
          env: {
            AWS_REGION: 'eu-central-1',
            ACCOUNT: '123456789012',
            REGIONS: 'eu-central-1,us-east-1',
            INSTALLATION: 'unit',
            UNIT_VERSION: '1',
            STAGE: 'dev',
            STATE_TABLE: 'state',
            AUDIT_TABLE: 'audit',
            TELEMETRY_TABLE: 'telemetry',
            BUS_NAME: 'novacron',
            BUCKET_NAME: 'bucket',
            LOOKS_QUEUE_URL: 'https://sqs.test/looks',
            BEATS_QUEUE_URL: 'https://sqs.test/beats',
            ALERT_TOPIC_ARN: 'arn:aws:sns:eu-central-1:123456789012:alerts',
            API_URL: 'https://api.test',
            NODE_ROLE_NAME: 'novacron-unit-node',
            STATE_MACHINE_PREFIX: 'arn:aws:states:eu-central-1:123456789012:stateMachine:novacron-unit-',
            OIDC_ISSUER: 'https://issuer.test',
            OIDC_AUDIENCE: 'novacron',
            SLACK_WEBHOOK_PARAMETER: '/novacron/unit/slack-webhook',
            IAM_ROLES: '{"arn:aws:iam::123456789012:role/deploy":"operator"}',
            POWERTOOLS_SERVICE_NAME: 'novacron',
            POWERTOOLS_METRICS_NAMESPACE: 'NovaCron',
            POWERTOOLS_LOG_LEVEL: 'SILENT',
            POWERTOOLS_METRICS_DISABLED: 'true',
          },
          include: [
            'test/{domain,store,api,runtime,providers,steps,events,schedules,alerting,cli,workflows}/**/*.test.ts',
          ],
        },
      },
      { test: { name: 'stacks', include: ['test/stacks/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 } },
      {
        test: {
          name: 'contract',
          include: ['test/contract/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'local',
          include: ['test/local/*.test.ts', 'test/local/emulator/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 600_000,
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
    ],
    coverage: {
      provider: 'v8',
      include: ['lambdas/domain/**', 'lambdas/providers/**'],
      reporter: ['text-summary', 'json-summary'],
      thresholds: { branches: 95 },
    },
  },
});
