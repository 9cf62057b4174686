import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { api, eventually, findVm } from './plane.ts';

/** One key, one operation, one VM: however often and however fast it is asked. */
describe('Idempotency-Key', () => {
  it('gives one operation and one instance for 10 requests at once, and 422 for another body', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const name = `once-${Date.now().toString(36).slice(-5)}`;
    const body = { name, provider: 'ec2', image: 'al2023', size: 'small' };
    const replies = await Promise.all(Array.from({ length: 10 }, () => api('POST', '/v1/vms', body, key)));
    const accepted = replies.filter(({ status }) => status === 202);
    expect(accepted.length).toBeGreaterThan(0);
    expect(replies.filter(({ status }) => ![202, 429, 503].includes(status)).map(({ json }) => json)).toEqual([]);
    expect(new Set(accepted.map(({ json }) => json.id)).size).toBe(1);

    const other = await api('POST', '/v1/vms', { ...body, size: 'large' }, key);
    expect(other.json).toMatchObject({ status: 422, code: 'KeyReused' });

    const vm = await eventually('the VM runs', 60, async () => {
      const found = await findVm(name);
      return found?.state === 'running' ? found : undefined;
    });
    const gone = await api('DELETE', `/v1/vms/${vm.id}`);
    expect(gone.status).toBe(202);
  });

  it('refuses a stale If-Match with 412 and an illegal transition with 409', async () => {
    const name = `etag-${Date.now().toString(36).slice(-5)}`;
    const asked = await api('POST', '/v1/vms', { name, provider: 'ec2', image: 'al2023', size: 'small' });
    const vmId = asked.json.vmId;
    await eventually('the VM runs', 60, async () => (await api('GET', `/v1/vms/${vmId}`)).json.state === 'running');
    const stale = await api('PATCH', `/v1/vms/${vmId}`, { tags: { env: 'test' } }, { 'if-match': '"1"' });
    expect(stale.json).toMatchObject({ status: 412, code: 'PreconditionFailed' });
    const undelete = await api('POST', `/v1/vms/${vmId}/actions/undelete`);
    expect(undelete.status).toBeGreaterThanOrEqual(409);
    expect((await api('DELETE', `/v1/vms/${vmId}`)).status).toBe(202);
  });
});
