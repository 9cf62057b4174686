import { describe, expect, it } from 'vitest';
import { RemoteWrite, secretIn, workspaceOf } from '../../../lambdas/domain/metrics/remote-write.ts';

const url = 'https://metrics.example.com/api/v1/write';

describe('the setting of a store outside', () => {
  it('has a URL, and may have a secret by its parameter and headers', () => {
    expect(RemoteWrite.parse({ url })).toEqual({ url, headers: {} });
    const token = RemoteWrite.parse({ url, authorization: { credentialsFile: '/novacron/token' } });
    expect(token.authorization).toEqual({ type: 'Bearer', credentialsFile: '/novacron/token' });
    expect(secretIn(token)).toBe('/novacron/token');
    const basic = RemoteWrite.parse({ url, authorization: { username: '12345', passwordFile: '/grafana/key' } });
    expect(secretIn(basic)).toBe('/grafana/key');
    expect(secretIn(RemoteWrite.parse({ url, headers: { 'X-Scope-OrgID': 'team-1' } }))).toBeUndefined();
  });

  it.each([
    [{}],
    [{ url, authorization: { credentials: 'a secret as it is' } }],
    [{ url, authorization: { credentialsFile: 'no-slash' } }],
    [{ url, authorization: { credentialsFile: '/novacron/main/receivers/shop/key' } }],
    [{ url, authorization: { credentialsFile: '/a', username: 'b', passwordFile: '/c' } }],
    [{ url, headers: { Authorization: 'Bearer x' } }],
    [{ url, headers: { 'content-type': 'text/plain' } }],
    [{ url, headers: { 'x-tenant': 'a\r\nb: c' } }],
    [{ url, queue: 5 }],
  ])('is refused where it says %j', (wrong) => {
    expect(RemoteWrite.safeParse(wrong).success).toBe(false);
  });

  it('is of a workspace of Amazon’s where its URL is', () => {
    const workspace = 'https://aps-workspaces.eu-central-1.amazonaws.com/workspaces/ws-12ab/api/v1/remote_write';
    expect(workspaceOf(workspace)).toEqual({ region: 'eu-central-1', id: 'ws-12ab' });
    expect(workspaceOf(url)).toBeUndefined();
    expect(workspaceOf(workspace.replace('.amazonaws.com', '.amazonaws.com.example.org'))).toBeUndefined();
  });
});
