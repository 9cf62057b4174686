import type { Vm, VmSpec } from '../../domain/vm.ts';
import type { CreatePayload } from './payload.ts';

/** The user's own user-data as the host fetches it: a presigned URL and what it must hash to. */
export interface UserDataObject {
  readonly url: string;
  readonly sha256: string;
}

type Seed = CreatePayload['seed'];

/** A JSON string is a YAML double-quoted scalar too: nothing in it can end it. */
const scalar = (text: string): string => JSON.stringify(text);

const list = (lines: readonly string[]): string[] => lines.map((line) => `  - ${scalar(line)}`);

/** NoCloud meta-data. SSH keys stand here, so that a user's own user-data stays as it was given. */
const metaDataOf = (vmId: string, { hostname, sshKeys }: VmSpec): string =>
  [
    `instance-id: ${vmId}`,
    `local-hostname: ${hostname}`,
    ...(sshKeys.length > 0 ? ['public-keys:', ...list(sshKeys)] : []),
    '',
  ].join('\n');

/** The cloud-config of a VM whose user gave none. */
const defaultUserData = ({ hostname, installAgent }: VmSpec): string =>
  [
    '#cloud-config',
    `hostname: ${hostname}`,
    'manage_etc_hosts: true',
    ...(installAgent
      ? ['packages:', '  - qemu-guest-agent', 'runcmd:', '  - systemctl enable --now qemu-guest-agent || true']
      : []),
    '',
  ].join('\n');

/** What the host writes into the VM's seed (volume `cidata`). Network is DHCP by the image's own default. */
export const seedOf = (vm: Pick<Vm, 'id'>, spec: VmSpec, files: { path: string; userData?: UserDataObject }): Seed => ({
  path: files.path,
  metaData: metaDataOf(vm.id, spec),
  userData: files.userData ?? { text: defaultUserData(spec) },
});
