import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { userDataOf } from '../../../lambdas/providers/ec2/user-data.ts';
import { anEc2Spec } from '../../support/ec2.ts';

const textOf = async (changes: object, text = '') => {
  const objects = async () => text;
  return Buffer.from(await userDataOf(anEc2Spec(changes), objects), 'base64').toString('utf8');
};

it('gives the hostname, and nothing else where nothing else was asked', async () => {
  expect(await textOf({})).toBe('#cloud-config\nhostname: "web-2"\n');
});

it('gives every key, quoted so that none can end its line', async () => {
  const text = await textOf({ sshKeys: ['ssh-ed25519 AAAA me@x', 'evil"\nruncmd: [rm]'] });
  expect(text).toContain('ssh_authorized_keys:\n  - "ssh-ed25519 AAAA me@x"\n  - "evil\\"\\nruncmd: [rm]"\n');
});

it("puts the user's own beside ours in one archive", async () => {
  const text = await textOf({ userDataKey: 'user-data/1' }, '#!/bin/sh\necho hello\n');
  const [, boundary = ''] = text.match(/boundary="([^"]+)"/) ?? [];
  const parts = text.split(`--${boundary}`);
  expect(parts).toHaveLength(4);
  expect(parts[1]).toContain('\n\n#cloud-config\nhostname');
  expect(parts[2]).toContain('\n\n#!/bin/sh\necho hello\n');
  expect(parts[3]).toBe('--\n');
});

it('nests an archive of the user as it is', async () => {
  const theirs = 'Content-Type: multipart/mixed; boundary="b"\n\n--b\n\nx\n--b--\n';
  const text = await textOf({ userDataKey: 'user-data/1' }, theirs);
  expect(text).toContain(`\n${theirs}`);
  expect(text.match(/text\/plain/g)).toHaveLength(1);
});

it('packs what is too large together with our part', async () => {
  const theirs = `#!/bin/sh\n${'echo hello\n'.repeat(1_489)}`;
  const objects = async () => theirs;
  const spec = anEc2Spec({ userDataKey: 'user-data/1' });
  const bytes = Buffer.from(await userDataOf(spec, objects), 'base64');
  expect(gunzipSync(bytes).toString()).toContain(theirs);
  expect(await userDataOf(spec, objects)).toBe(bytes.toString('base64'));
});

it('refuses more than EC2 takes', async () => {
  const noise = randomBytes(16_384).toString('base64');
  await expect(textOf({ userDataKey: 'user-data/1' }, noise)).rejects.toMatchObject({
    name: 'SpecRefused',
    message: expect.stringContaining('16384'),
  });
});
