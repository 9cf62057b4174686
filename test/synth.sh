#!/usr/bin/env bash
# npm run synth: all stacks of an installation with every option on, held to cdk-nag (AwsSolutions and Serverless), to
# CDK's own validation and to cfn-lint.
set -euo pipefail
cd "$(dirname "$0")/.."
home=$PWD/.novacron
out=$home/synth.out

begun=$SECONDS
cdk synth --quiet --strict --output "$out" -c stage=prod -c regions=eu-west-1 -c alertEmail=alerts@example.com \
  -c slackWebhookParameter=/novacron/slack-webhook -c reservedConcurrency=true \
  -c 'remoteWrite={"url":"https://aps-workspaces.eu-west-1.amazonaws.com/workspaces/ws-1/api/v1/remote_write"}'
printf 'synthesised and checked by cdk-nag and CDK in %d s\n' "$((SECONDS - begun))"

node -e "import('./local/prerequisites.ts').then((it) => it.ensureVenv(console.log, ['requirements.txt', 'requirements-dev.txt']))"
"$home/venv/bin/cfn-lint" --config-file test/cfnlintrc.yaml "$out"/*.template.json
printf 'cfn-lint: %d templates in order\n' "$(find "$out" -maxdepth 1 -name '*.template.json' | wc -l)"
