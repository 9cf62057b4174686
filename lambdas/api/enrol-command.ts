import type { Activation } from '../providers/kvm/enrol.ts';

/** A shell word for what is no plain word. */
const quoted = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

export interface InstallBy {
  readonly apiUrl: string;
  readonly region: string;
  /** Good for the install script of this host, for an hour. */
  readonly token: string;
  readonly activation: Pick<Activation, 'id' | 'code'>;
  readonly proxy?: string;
}

/** The one line that a person runs on a new host, as root. */
export const commandFor = (hostId: string, { apiUrl, region, token, activation, proxy }: InstallBy): string => {
  const through = proxy === undefined ? '' : `-x ${quoted(proxy)} `;
  const options = [
    ['--region', region],
    ['--activation-id', activation.id],
    ['--activation-code', activation.code],
    ...(proxy === undefined ? [] : [['--proxy', proxy]]),
  ].map(([name = '', value = '']) => `${name} ${quoted(value)}`);
  return [
    `curl -fsSL ${through}-H 'Authorization: Bearer ${token}' ${quoted(`${apiUrl}/v1/hosts/${hostId}/install-script`)}`,
    `sudo sh -s -- ${options.join(' ')}`,
  ].join(' | ');
};

/** An EC2 instance is a node already: a tag says which host it is. */
export const tagCommand = (nodeId: string, hostId: string, installation: string, region: string): string =>
  `aws ec2 create-tags --region ${region} --resources ${nodeId} --tags Key=novacron:host,Value=${hostId} Key=novacron:installation,Value=${installation}`;
