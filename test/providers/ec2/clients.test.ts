import { afterEach, expect, it, vi } from 'vitest';
import { regionClients } from '../../../lambdas/providers/ec2/clients.ts';

afterEach(() => vi.unstubAllEnvs());

it('makes the clients of a Region once, with the credentials that Lambda gave', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIA');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  const of = regionClients();
  const clients = of('eu-central-1');
  expect(of('eu-central-1')).toBe(clients);
  expect(of('us-east-1')).not.toBe(clients);
  expect(await clients.ec2.config.region()).toBe('eu-central-1');
  expect(await clients.ssm.config.credentials()).toMatchObject({ accessKeyId: 'AKIA' });
});

it('never lets the SDK repeat a launch', async () => {
  const { ec2, changing } = regionClients()('us-east-1');
  expect(await changing.config.maxAttempts()).toBe(1);
  expect(await ec2.config.maxAttempts()).toBe(3);
});
