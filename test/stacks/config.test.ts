import { describe, expect, it } from 'vitest';
import { ConfigFault, readConfig } from '../../lib/config.ts';

const good = { installation: 'lab', stage: 'dev' };

describe('settings', () => {
  it('come from cdk.json as they are, and from the command line as text', () => {
    const priceBook = {
      usdPerVcpuHour: 0.01,
      usdPerGiBMemoryHour: 0.001,
      usdPerGiBDiskMonth: 0.1,
      source: 'estimate: the accountant',
      asOf: '2026-11-01',
    };
    const typed = {
      regions: ['eu-west-1'],
      retainDays: 3,
      reservedConcurrency: true,
      iamRoles: { 'arn:aws:iam::123456789012:role/ci': 'operator' },
      priceBook,
    };
    const text = {
      regions: 'eu-west-1',
      retainDays: '3',
      reservedConcurrency: 'true',
      iamRoles: '{"arn:aws:iam::123456789012:role/ci":"operator"}',
      priceBook: JSON.stringify(priceBook),
    };
    expect(readConfig({ ...good, ...text })).toEqual(readConfig({ ...good, ...typed }));
    expect(readConfig({ ...good, ...text })).toMatchObject(typed);
  });

  it('let metrics be written to a private address that is allowed', () => {
    const remoteWrite = { url: 'http://10.0.0.5:9090/api/v1/write' };
    expect(readConfig({ ...good, remoteWrite, webhookHosts: '10.0.0.0/24' }).remoteWrite).toEqual({
      ...remoteWrite,
      headers: {},
    });
  });

  it('leave CDK’s own keys alone', () => {
    expect(() =>
      readConfig({ ...good, '@aws-cdk/core:x': true, 'aws:cdk:y': [], 'cli-telemetry': false }),
    ).not.toThrow();
  });

  it.each([
    [{ installation: 'Lab' }, /"installation" is "Lab", but it must be 2 to 21 characters/],
    [{ installation: undefined }, /"installation" is nothing, but it must be a name/],
    [{ stage: 'live' }, /"stage" is "live", but it must be one of dev, test, prod/],
    [{ regions: 'eu-west-1,mars' }, /"regions" is "eu-west-1,mars", but it must be the name of a Region/],
    [{ retainDays: 'long' }, /"retainDays" is "long", but it must be a number/],
    [{ retainDays: '91' }, /"retainDays" is "91", but it must be 0 to 90/],
    [{ kvmMemoryOvercommit: 0.5 }, /"kvmMemoryOvercommit" is 0.5, but it must be 1 to 4/],
    [{ alertEmail: 'me' }, /"alertEmail" is "me", but it must be an e-mail address/],
    [{ mailFrom: 'NovaCron' }, /"mailFrom" is "NovaCron", but it must be an e-mail address/],
    [{ mailIdentity: 'arn:aws:ses' }, /"mailIdentity" is "arn:aws:ses", but it must be a domain or an e-mail address/],
    [{ snsTopics: 'pager' }, /"snsTopics" is "pager", but it must be the ARN of an SNS topic/],
    [{ sms: 'some' }, /"sms" is "some", but it must be true or false/],
    [{ eventBuses: 'a b' }, /"eventBuses" is "a b", but it must be the name of an event bus/],
    [{ slackWebhookParameter: 'https://hooks.slack.com/x' }, /"slackWebhookParameter" .* beginning with \//],
    [{ oidcIssuer: 'http://issuer.example' }, /"oidcIssuer" is "http:\/\/issuer.example", but it must be an https URL/],
    [{ oidcIssuer: 'https://issuer.example' }, /"oidcAudience" is \[\], but beside "oidcIssuer"/],
    [
      { iamRoles: '{"me":"admin"}' },
      /"iamRoles" is .*, but it must be a record of viewer, operator, admin or <project>:<role> by ARN/,
    ],
    [{ priceBook: '{"usdPerVcpuHour":-1}' }, /"priceBook" is /],
    [{ reservedConcurrency: 'yes' }, /"reservedConcurrency" is "yes", but it must be true or false/],
    [{ ec2Metrics: 'some' }, /"ec2Metrics" is "some", but it must be true or false/],
    [{ remoteWrite: '{"url":5}' }, /"remoteWrite" is /],
    [
      { remoteWrite: { url: 'https://10.0.0.5/api/v1/write' } },
      /"remoteWrite" cannot be used: its URL is not one to write to: 10.0.0.5 is a private address/,
    ],
    [
      { remoteWrite: { url: 'http://metrics.example.com/write' } },
      /"remoteWrite" cannot be used: .* only https, or http to an allowed host/,
    ],
    [
      {
        remoteWrite: {
          url: 'https://aps-workspaces.eu-west-1.amazonaws.com/workspaces/ws-1/api/v1/remote_write',
          authorization: { credentialsFile: '/token' },
        },
      },
      /"remoteWrite" cannot be used: requests to Amazon Managed Service for Prometheus are signed/,
    ],
    [{ synthesizer: 'docker' }, /"synthesizer" is "docker", but it must be one of default, cli/],
    [{ installaton: 'lab' }, /"installaton", which is no setting; the settings are installation, stage/],
  ])('refuse %j with the key, what it got and what it wants', (wrong, message) => {
    expect(() => readConfig({ ...good, ...wrong })).toThrow(ConfigFault);
    expect(() => readConfig({ ...good, ...wrong })).toThrow(message);
  });
});
