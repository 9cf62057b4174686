/**
 * Stands in for `@aws-sdk/middleware-endpoint-discovery` when functions are bundled (an esbuild alias in lib/bundles.ts):
 * client-dynamodb brings it along with a cache of its own, and DynamoDB has not used it since it has regional endpoints.
 */
export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
  environmentVariableSelector: () => undefined,
  configFileSelector: () => undefined,
  default: undefined,
};

/** Leaves a client's settings as they are. */
export const resolveEndpointDiscoveryConfig = <T>(settings: T): T => settings;
