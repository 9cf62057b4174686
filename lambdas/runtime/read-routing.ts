import { isScalar, parseDocument, visit } from 'yaml';
import { readConfig } from '../domain/alerts/config.ts';
import { type Deliverable, deliverable, type Reach } from '../domain/alerts/deliverable.ts';
import { isBotUrl } from '../domain/alerts/slack-bot.ts';

/**
 * Reads an Alertmanager configuration. YAML and all its fields are twice what a function may be: this file is bundled by itself,
 * lies beside the function's code, and is loaded when somebody writes a routing (lib/bundles.ts).
 */

/** What Alertmanager itself shows in the place of a secret. */
const MASK = '<secret>';

/** Fields whose values are secrets (config/notifiers.go and config.go of Alertmanager 0.25, HTTPClientConfig of Prometheus). */
const SECRETS = new Set([
  ...['slack_api_url', 'api_key', 'api_secret', 'service_key', 'bot_token', 'token', 'user_key', 'webhook_url'],
  ...['smtp_auth_password', 'smtp_auth_secret', 'auth_password', 'auth_secret', 'password', 'credentials'],
  ...['bearer_token', 'client_secret', 'secret_key', 'opsgenie_api_key', 'victorops_api_key', 'wechat_api_secret'],
]);

/** Of these kinds of receivers, fields that are secrets there and not everywhere. */
const SECRETS_OF: Readonly<Record<string, string>> = { slack_configs: 'api_url', pagerduty_configs: 'routing_key' };

/** What a configuration comes to, and its text without its secrets. */
export interface Read extends Deliverable {
  readonly masked: string;
}

/** As it was written, where it has none. */
const withoutSecrets = (text: string): string => {
  const document = parseDocument(text);
  let isMasked = false;
  visit(document, {
    Pair: (_, { key, value }, path) => {
      if (!isScalar(key) || !isScalar(value) || value.value === null || value.value === MASK) return;
      if (isBotUrl(String(value.value))) return;
      const name = String(key.value);
      const within = path.flatMap((node) => ('key' in node && isScalar(node.key) ? [String(node.key.value)] : []));
      if (!SECRETS.has(name) && SECRETS_OF[within.findLast((each) => each.endsWith('_configs')) ?? ''] !== name) return;
      value.value = MASK;
      isMasked = true;
    },
  });
  return isMasked ? String(document) : text;
};

/** @throws Error saying what in it is wrong, and where */
export const readRouting = (text: string, reach: Reach): Read => ({
  ...deliverable(readConfig(text), reach),
  masked: withoutSecrets(text),
});
