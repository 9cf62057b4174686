#!/usr/bin/env bash
# Everything that needs a plane or a real host: starts a plane of its own (own home, own port) with this machine's libvirt
# and two separate hosts, runs the contract, local and on-host tests, and ends it.
set -euo pipefail
cd "$(dirname "$0")/.."

export NOVACRON_HOME=${NOVACRON_TEST_HOME:-$PWD/.novacron-test}
export NOVACRON_PORT=${NOVACRON_TEST_PORT:-4666}
export NOVACRON_SLACK_WEBHOOK_PARAMETER=/novacron/test/slack-webhook
trap 'node local/stop.ts || true' EXIT

node local/start.ts --context slackWebhookParameter=$NOVACRON_SLACK_WEBHOOK_PARAMETER --context kvmCpuOvercommit=8
node local/start.ts --hosts 2
vitest run --project contract --project local
vitest run --project restart
bash test/schemathesis.sh
