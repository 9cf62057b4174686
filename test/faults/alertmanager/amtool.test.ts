import { SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { amtoolOf } from '../../support/alertmanager.ts';
import { call, insertWindow, newWindow, signIn } from '../../support/api.ts';
import { type Gateway, startGateway } from '../../support/gateway.ts';
import { StateTable } from '../../support/state-table.ts';

/** Debian's amtool before silences that it knows nothing of: those that recur. */
mockClient(SQSClient);

let gateway: Gateway;
let token: string;
let id: string;
beforeEach(async () => {
  new StateTable();
  gateway = await startGateway();
  token = await signIn('operator', { expiresAt: '2099-01-01T00:00:00.000Z' });
  const everyDay = { weekdays: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const };
  const periods = [{ weekdays: [...everyDay.weekdays], start: '00:00', stop: '24:00' }];
  await insertWindow(newWindow({ timeZone: 'UTC', periods }));
  const body = { matchers: ['vm="web-1"'], comment: 'patching', window: newWindow().id };
  const made = await call('POST /v1/silences', { token, body });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  id = made.body.id;
});
afterEach(() => gateway.close());

const amtool = (...args: string[]) => amtoolOf({ url: gateway.url, token }, ...args);

it('shows one as a silence of what holds now, and says that it recurs', async () => {
  expect(await amtool('silence', 'query', 'vm=web-1')).toContain(id);
  expect(await amtool('silence', 'query', '-o', 'extended')).toContain('patching (recurs by window patching)');
});

it('ends one for good, and makes none of it that does not recur', async () => {
  await expect(amtool('silence', 'update', id, '--duration=1h')).rejects.toThrow();
  expect((await call(`GET /v1/silences/${id}`, { token })).body).toMatchObject({ state: 'active' });
  await amtool('silence', 'expire', id);
  expect((await call(`GET /v1/silences/${id}`, { token })).body).toMatchObject({ state: 'expired' });
  expect(await amtool('silence', 'query')).not.toContain(id);
});
