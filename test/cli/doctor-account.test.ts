import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Check } from '../../cli/checks.ts';
import { type FakePlane, startPlane } from './fake-plane.ts';
import { type } from './typed.ts';

/** An IAM of a few people, page by page, in the XML that AWS documents for GetAccountAuthorizationDetails. */
const document = (...statements: object[]): string =>
  encodeURIComponent(JSON.stringify({ Version: '2012-10-17', Statement: statements }));
const inline = (list: string, ...statements: object[]): string =>
  `<${list}><member><PolicyName>p</PolicyName><PolicyDocument>${document(...statements)}</PolicyDocument></member></${list}>`;
const attached = (arn: string): string =>
  `<AttachedManagedPolicies><member><PolicyName>m</PolicyName><PolicyArn>${arn}</PolicyArn></member></AttachedManagedPolicies>`;
const role = (name: string, said: string): string =>
  `<member><Arn>arn:aws:iam::1:role/${name}</Arn><RoleName>${name}</RoleName><AssumeRolePolicyDocument>${document({})}</AssumeRolePolicyDocument>${said}</member>`;
const send = { Effect: 'Allow', Action: 'ssm:SendCommand', Resource: '*' };
const ADMIN = 'arn:aws:iam::aws:policy/AdministratorAccess';

const FIRST = `<UserDetailList/><GroupDetailList><member><GroupName>ops</GroupName>${inline('GroupPolicyList', send)}<AttachedManagedPolicies/></member></GroupDetailList>
  <RoleDetailList>${role('NovaCron-local-test-Operations-Step-1', inline('RolePolicyList', send))}${role('Admin', `<RolePolicyList/>${attached(ADMIN)}`)}${role('Reader', '<RolePolicyList/><AttachedManagedPolicies/>')}</RoleDetailList>
  <Policies/><IsTruncated>true</IsTruncated><Marker>more</Marker>`;
const SECOND = `<UserDetailList><member><Arn>arn:aws:iam::1:user/eve</Arn><UserName>eve</UserName><GroupList><member>ops</member></GroupList><AttachedManagedPolicies/></member></UserDetailList>
  <GroupDetailList/><RoleDetailList/><Policies><member><Arn>${ADMIN}</Arn><PolicyVersionList>
    <member><Document>${document()}</Document><IsDefaultVersion>false</IsDefaultVersion></member>
    <member><Document>${document({ Effect: 'Allow', Action: '*', Resource: '*' })}</Document><IsDefaultVersion>true</IsDefaultVersion></member>
  </PolicyVersionList></member></Policies><IsTruncated>false</IsTruncated>`;
const page = (of: string): string =>
  `<GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult>${of}</GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>`;

let plane: FakePlane;
let iam: Server;
let answer: (form: URLSearchParams) => { status: number; text: string };
let asked: { readonly action: string | null; readonly authorization: string }[];

beforeEach(async () => {
  plane = await startPlane();
  asked = [];
  answer = (form) => ({ status: 200, text: page(form.get('Marker') === 'more' ? SECOND : FIRST) });
  iam = createServer((request, reply) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const form = new URLSearchParams(body);
      asked.push({ action: form.get('Action'), authorization: request.headers.authorization ?? '' });
      const { status, text } = answer(form);
      reply.writeHead(status).end(text);
    });
  });
  await new Promise<void>((resolve) => iam.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  iam.close();
  await plane.close();
});

const account = async (options = '--aws -o json'): Promise<Check | undefined> => {
  // A server on a port has an address of this form.
  const { port } = iam.address() as AddressInfo;
  const env = {
    NOVACRON_URL: plane.url,
    NOVACRON_TOKEN: 'secret',
    AWS_ENDPOINT_URL_IAM: `http://127.0.0.1:${port}`,
  };
  const { out } = await type(`doctor ${options}`, { env });
  const checks: Check[] = JSON.parse(out);
  return checks.find(({ name }) => name === 'who may command hosts');
};

describe('doctor --aws', () => {
  it('names whoever may command the hosts beside the plane, of all pages, and asks by one read-only call', async () => {
    const check = await account();
    expect(check?.status).toBe('warning');
    expect(check?.detail).toContain('1 roles of the plane, and 2 others');
    expect(check?.detail).toContain('user eve (SendCommand)');
    expect(check?.detail).toContain(
      'role Admin (SendCommand, StartSession, CreateAssociation, StartAutomationExecution)',
    );
    expect(check?.detail).not.toContain('Reader');
    expect(check?.fix).toContain('docs/scp.json');
    expect(asked.map(({ action }) => action)).toEqual(Array(2).fill('GetAccountAuthorizationDetails'));
    for (const { authorization } of asked) {
      expect(authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE\/\d{8}\/us-east-1\/iam\/aws4_request/);
    }
  });

  it('finds nothing wrong where only the plane may', async () => {
    const own = `<RoleDetailList>${role('NovaCron-local-test-Api-1', inline('RolePolicyList', send))}</RoleDetailList>`;
    answer = () => ({ status: 200, text: page(own) });
    expect(await account()).toMatchObject({ status: 'ok', detail: '1 roles of the plane, and nobody else by IAM' });
  });

  it('sees that the credentials are of another account', async () => {
    answer = () => ({ status: 200, text: page(`<RoleDetailList>${role('Admin', attached(ADMIN))}</RoleDetailList>`) });
    expect(await account()).toMatchObject({ status: 'warning', fix: expect.stringContaining('--aws-profile') });
  });

  it('says which right is missing', async () => {
    const text =
      '<ErrorResponse><Error><Code>AccessDenied</Code><Message>User eve is not authorized</Message></Error></ErrorResponse>';
    answer = () => ({ status: 403, text });
    expect(await account()).toMatchObject({
      status: 'failed',
      detail: expect.stringContaining('User eve is not authorized'),
      fix: expect.stringContaining('iam:GetAccountAuthorizationDetails'),
    });
  });

  it('asks IAM nothing where nobody wants it to', async () => {
    expect(await account('-o json')).toBeUndefined();
    expect(asked).toEqual([]);
  });
});
