# shellcheck shell=bash
# Sourced by what brings up a plane of its own for tests, with its own home and port; ends it when the script ends.
# NOVACRON_TEST_HOSTS: so many separate hosts instead of this machine's own libvirt.
export NOVACRON_HOME=${NOVACRON_TEST_HOME:-$PWD/.novacron-test}
export NOVACRON_PORT=${NOVACRON_TEST_PORT:-4666}
export NOVACRON_SLACK_WEBHOOK_PARAMETER=/novacron/test/slack-webhook
# An instance is on its way for so many seconds, of which none tells more.
export EMULATOR_EC2_DELAY=${EMULATOR_EC2_DELAY:-0.5}
# What the hundreds of commands that are typed have in common is compiled once.
export NODE_COMPILE_CACHE=${NODE_COMPILE_CACHE:-$PWD/.novacron/cache/compiled}
# that test/local/receivers.test.ts makes
export NOVACRON_TEST_TOPIC=arn:aws:sns:us-east-1:000000000000:novacron-test-pager
export NOVACRON_TEST_BUS=novacron-test-events
trap 'node local/stop.ts || true' EXIT

node local/start.ts ${NOVACRON_TEST_HOSTS:+--hosts "$NOVACRON_TEST_HOSTS"} --context slackWebhookParameter=$NOVACRON_SLACK_WEBHOOK_PARAMETER --context kvmCpuOvercommit=8 --context webhookHosts=10.79.0.0/16 --context mailFrom=novacron@example.org --context snsTopics=$NOVACRON_TEST_TOPIC --context eventBuses=$NOVACRON_TEST_BUS --context sms=true
