/**
 * Secrets of receivers lie in SSM, each in a SecureString that a routing names: `<prefix><name>`. The prefix is the project's own,
 * so that no routing can have the secret of another project sent to itself.
 */
export const receiverSecrets = (installation: string, project: string): string =>
  `/novacron/${installation}/receivers/${project}/`;

/** What Systems Manager takes in a name, but its slashes ("PutParameter", AWS Systems Manager API Reference). */
const NAME = /^[\w.-]{1,128}$/;

/** Whether a parameter is one of those below a prefix. */
export const isReceiverSecret = (prefix: string, parameter: string): boolean =>
  parameter.startsWith(prefix) && NAME.test(parameter.slice(prefix.length));
