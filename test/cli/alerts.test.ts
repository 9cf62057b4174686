import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Course } from '../../lambdas/domain/alerts/channel-state.ts';
import * as alertGroups from '../../lambdas/store/alert-groups.ts';
import { noteCourse } from '../../lambdas/store/channel-states.ts';
import * as table from '../../lambdas/store/table.ts';
import { newAlertGroup } from '../support/alert-rows.ts';
import { signIn } from '../support/api.ts';
import { AwsServices } from '../support/aws-services.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { StateTable } from '../support/state-table.ts';
import { type } from './typed.ts';

/** Alerts, silences and routes as a person types them, against the API's own functions. */
mockClient(SQSClient);

let gateway: Gateway;
let env: Record<string, string>;
let folder: string;
beforeEach(async () => {
  new StateTable();
  folder = mkdtempSync(join(tmpdir(), 'novacron-alerts-'));
  gateway = await startGateway();
  const token = await signIn('operator', { expiresAt: '2099-01-01T00:00:00.000Z' });
  env = { NOVACRON_URL: gateway.url, NOVACRON_TOKEN: token, NO_COLOR: '1' };
});
afterEach(() => {
  vi.unstubAllGlobals();
  rmSync(folder, { recursive: true });
  return gateway.close();
});

const typed = async (...words: string[]) => type(words, { env });
const well = async (...words: string[]) => {
  const ran = await typed(...words);
  expect(ran.code, ran.err).toBe(0);
  return ran;
};
const fingerprint = async () => (await well('alert', 'list', '-o', 'name')).out.trim();

describe('novacron alert', () => {
  it('add raises one, and list shows who hears of it', async () => {
    expect((await well('alert', 'list')).err).toContain('No alerts.');
    const added = await well(
      'alert',
      'add',
      'alertname=Test',
      'severity=page',
      'vm="web-1"',
      '--annotation',
      'summary=a=b',
      '--for',
      '1h',
    );
    expect(added.err).toContain('It is raised');
    expect((await well('alert', 'list')).out).toMatch(/Test +page +active +\d+ s +[0-9a-f]{16} +default +vm=web-1/);
    const [alert] = JSON.parse((await well('alert', 'list', '-o', 'json')).out);
    expect(alert.annotations).toEqual({ summary: 'a=b' });
    expect(Date.parse(alert.endsAt) - Date.parse(alert.startsAt)).toBe(3_600_000);
    expect((await typed('alert', 'add', 'alertname')).code).toBe(2);
  });

  it('list is of what matchers and receivers say', async () => {
    await well('alert', 'add', 'alertname=Test', 'vm=web-1');
    expect((await well('alert', 'list', '-f', 'vm=~"web-.*"', '-f', 'alertname!=Other')).out).toContain('Test');
    expect((await well('alert', 'list', '-f', 'vm=db')).out).toBe('');
    expect((await well('alert', 'list', '--receiver', 'team')).out).toBe('');
    const wrong = await typed('alert', 'list', '-f', 'vm');
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('bad matcher format')]);
  });

  it('get shows all that is known of it, with what comment and assign have said', async () => {
    await well('alert', 'add', 'alertname=Test', 'vm=web-1', '--annotation', 'summary=a test');
    const id = await fingerprint();
    expect((await well('alert', 'comment', id, 'look at the fan')).err).toContain(`novacron alert get ${id}`);
    await well('alert', 'assign', id, 'anna');
    const { out } = await well('alert', 'get', id);
    expect(out).toMatch(/State +firing\nAssigned to +anna\n/);
    expect(out).toMatch(/vm +web-1\nsummary +a test\n/);
    expect(out).toMatch(/ fires\n.* comment by operator: look at the fan\n.* assigned to anna by operator\n$/);
    await well('alert', 'assign', id);
    expect((await well('alert', 'get', id)).out).toMatch(/assigned to nobody by operator\n$/);
    expect((await typed('alert', 'get', '0123456789abcdef')).code).toBe(1);
  });

  it('ack takes it on, and unack gives it back', async () => {
    await well('alert', 'add', 'alertname=Test');
    const id = await fingerprint();
    expect((await well('alert', 'ack', id, '--for', '2h', '--comment', 'on it')).out).toContain('acknowledged');
    const [alert] = JSON.parse((await well('alert', 'list', '-o', 'json')).out);
    expect(alert.acknowledged).toMatchObject({ by: 'operator', comment: 'on it', until: expect.any(String) });
    expect((await well('alert', 'unack', id)).out).toContain('active');
    expect((await typed('alert', 'ack', id, '--for', '2h', '--until', '20:00')).err).toContain('not both');
    expect((await typed('alert', 'ack', '0123456789abcdef')).err).toContain('fires');
  });
});

describe('novacron silence', () => {
  it('create silences, list and get show it, expire ends it', async () => {
    await well('alert', 'add', 'alertname=Test', 'vm=web-1');
    const made = await well(
      'silence',
      'create',
      'vm=~"web-.*"',
      'alertname!=Other',
      '--for',
      '2h',
      '--comment',
      'works',
    );
    expect(made.out).toMatch(/active +vm=~"web-\.\*", alertname!="Other"|active +alertname!="Other", vm=~"web-\.\*"/);
    const id = (await well('silence', 'list', '-o', 'name')).out.trim();
    expect((await well('silence', 'get', id)).out).toContain('works');
    expect((await well('alert', 'list')).out).toContain('suppressed');
    expect((await well('alert', 'list', '--no-silenced')).out).toBe('');
    expect((await well('silence', 'expire', id)).err).toContain('is over');
    expect((await well('silence', 'list')).err).toContain('No silences.');
    expect((await well('silence', 'list', '--expired')).out).toContain('expired');
  });

  it('create and update take times of its own and windows, expire one occurrence or all', async () => {
    await well(
      'window',
      'create',
      'patching',
      '--filter',
      'tag:app=shop',
      '--zone',
      'UTC',
      '--period',
      'sun 02:00-04:00',
    );
    const add = ['silence', 'create', 'vm=web-1', '--comment', 'works', '-o', 'name'];
    const id = (await well(...add, '--period', 'sat 20:00-22:00', '--zone', 'UTC', '--remind-before', '5m')).out.trim();
    expect((await well('silence', 'list')).out).toMatch(/pending +vm="web-1" .* sat 20:00-22:00/);
    const updated = await well('silence', 'update', id, '--window', 'patching', '--comment', 'more works');
    expect(updated.out).toMatch(/pending .* window patching .* more works/);
    expect((await well('silence', 'expire', id, '--occurrence')).err).toMatch(/holds next from 20\d\d-/);
    expect((await well('silence', 'expire', id)).err).toContain('is over');
    expect(await typed('silence', 'update', id)).toMatchObject({ code: 2 });
    expect(await typed('silence', 'update', id, '--zone', 'UTC')).toMatchObject({ code: 2 });
  });

  it('create says what it lacks', async () => {
    const create = (...words: string[]) => typed('silence', 'create', ...words);
    expect(await create('vm=a', '--comment', 'x')).toMatchObject({ code: 2, err: expect.stringContaining('--for') });
    expect(await create('vm', '--comment', 'x', '--for', '1h')).toMatchObject({ code: 2 });
    expect(await create('vm=a', '--for', '1h')).toMatchObject({ code: 2, err: expect.stringContaining('--comment') });
    expect(await create('vm=~.*', '--comment', 'x', '--for', '1h')).toMatchObject({ code: 2 });
  });
});

const YAML = `route:
  receiver: team
  routes: [{ matchers: [severity="page"], receiver: pager }]
receivers:
  - name: team
    webhook_configs: [{ url: 'https://hooks.example.org/x' }]
  - name: pager
    pagerduty_configs: [{ routing_key: k3y }]
`;

describe('novacron route', () => {
  it('is tried by channel test, which fails where a way does not take it', async () => {
    const file = join(folder, 'inward.yml');
    writeFileSync(file, YAML.replace('https://hooks.example.org/x', 'https://10.0.0.1/x'));
    await well('route', 'set', file);
    const tried = await typed('channel', 'test', 'team');
    expect(tried).toMatchObject({
      code: 1,
      out: expect.stringMatching(/webhook\[0\] +did not take it +the URL is not/),
    });
    expect(await typed('channel', 'redeliver', 'team')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/team is told again of 0 groups\.$/m),
    });
    expect(await typed('channel', 'test', 'nobody')).toMatchObject({
      code: 2,
      err: expect.stringContaining('is no receiver of the routing'),
    });
  });

  it('is tried by channel preview: what a receiver would be told, and which text comes to nothing', async () => {
    const file = join(folder, 'texts.yml');
    const slack = `slack_configs: [{ api_url_file: /novacron/unit/receivers/default/s, title: '{{ .CommonLabels.a }}' }]`;
    writeFileSync(file, YAML.replace("webhook_configs: [{ url: 'https://hooks.example.org/x' }]", slack));
    await well('route', 'set', file);
    expect((await well('channel', 'preview', 'team', 'a=b c')).out).toMatch(/slack\[0\] message\.texts\.title\nb c\n/);
    const text = ['--text', '{{ .CommonAnnotations.s }}', '--annotation', 's=full'];
    expect((await well('channel', 'preview', 'team', ...text)).out).toMatch(/texts\.template\nfull\n/);
    expect(await typed('channel', 'preview', 'team', '--text', '{{ .No }}')).toMatchObject({
      code: 1,
      out: expect.stringContaining('wrong: template template, line 1, column 4: a template.Data has no No'),
    });
  });

  it('says in channel list, route test and alert get which way has been told enough', async () => {
    await well('alert', 'add', 'alertname=Test');
    const id = await fingerprint();
    const held = { 'default/topic[0]': { since: '2026-11-25T10:00:00.000Z' } };
    await table.save(alertGroups.writing(newAlertGroup({ alerts: [id], held })));
    expect((await well('channel', 'list')).out).toMatch(
      /topic\[0\] +– +told enough: a digest of 1 group is to come, the first of them waiting since /,
    );
    expect((await well('route', 'test', 'alertname=X')).err).toContain(
      'default/topic[0] has been told enough: a digest of 1 group is to come, the first of them waiting since ',
    );
    expect((await well('alert', 'get', id)).out).toMatch(/hears of it in its next digest, held back since /);
  });

  it("says in channel list how it goes with the installation's own channels, behind their queues", async () => {
    const queued = async (isWell: boolean, course: Course) => {
      await noteCourse('topic', course, new Date(isWell ? Date.now() : Date.now() + 1_000).toISOString());
      return (await well('channel', 'list')).out;
    };
    expect(await queued(true, { isSent: true })).toMatch(/topic\[0\] +\d s +well/);
    expect(await queued(false, { refused: 'SNS refused the notice.' })).toMatch(
      /topic\[0\] .*refused its last word at .*: SNS refused the notice\./,
    );
    expect(await queued(true, { failing: 'away' })).toMatch(/topic\[0\] .*has taken nothing since .*: away/);
    new AwsServices();
    expect((await well('channel', 'test', 'default')).out).toMatch(
      /topic\[0\] +hears it through its queue +channel list/,
    );
  });

  it('set takes a file, get shows it and what leads nowhere, test says where and why', async () => {
    expect((await well('route', 'get')).out).toContain('receiver: default');
    const file = join(folder, 'alertmanager.yml');
    writeFileSync(file, YAML);
    const set = await well('route', 'set', file);
    expect(set.err).toMatch(/pager, pagerduty_configs\[0\], is told nothing: .*\n.*version 1/);
    const shown = await well('route', 'get');
    expect(shown.out).toContain('routing_key: <secret>');
    expect(shown.err).toContain('pagerduty_configs[0]');
    const channels = (await well('channel', 'list')).out;
    expect(channels).toMatch(/team +webhook\[0\] +– +nothing to tell yet/);
    expect(channels).toMatch(/pager +pagerduty_configs\[0\] +– +told nothing: /);
    expect((await well('channel', 'test', 'pager')).out).toMatch(
      /pagerduty_configs\[0\] +was not asked +secrets are kept/,
    );
    const why = await well('route', 'test', 'severity=info', 'alertname=X');
    expect(why.out).toMatch(/0 +\{\} +team +goes here/);
    expect(why.out).toMatch(/0\.0 +\{severity="page"\} +pager +does not fit +severity="page"/);
    expect(why.err).toContain('Receivers: team.');
  });

  describe('set of a file that names templates', () => {
    const PHONE = `# ours
templates: ['texts/*.tmpl', more.tmpl]
route: { receiver: team }
receivers:
  - name: team
    sns_configs: [{ phone_number: +4915550777 }] # on call
    slack_configs: [{ api_url_file: /novacron/unit/receivers/default/s, title: '{{ template "a" . }} {{ template "b" . }}' }]
`;
    const setTo = (yaml: string) => {
      const file = join(folder, 'alertmanager.yml');
      writeFileSync(file, yaml);
      return typed('route', 'set', file);
    };
    beforeEach(() => {
      mkdirSync(join(folder, 'texts'));
      writeFileSync(join(folder, 'texts', 'a.tmpl'), '{{ define "a" }}one{{ end }}\n');
      writeFileSync(join(folder, 'more.tmpl'), '{{ define "b" }}{{ .CommonLabels.vm }}{{ end }}');
    });

    it('takes them from beside it, and leaves all else as it is written', async () => {
      expect(await setTo(PHONE)).toMatchObject({ code: 0 });
      expect((await well('channel', 'preview', 'team', 'vm=web-1')).out).toContain('one web-1\n');
      const shown = (await well('route', 'get')).out;
      expect(shown).toMatch(/phone_number: \+4915550777 .*# on call\n/);
      expect(shown).toMatch(/^# ours\n/);
      expect(shown).toContain('template_files:\n  a.tmpl: |\n    {{ define "a" }}one{{ end }}\n');
      expect(shown).toContain('templates: []\n');
      // What get shows may be set again, wherever it lies.
      rmSync(join(folder, 'texts'), { recursive: true });
      expect(await setTo(shown)).toMatchObject({ code: 0 });
      expect((await well('route', 'get')).out).toBe(shown);
    });

    it.each([
      ['a glob without files', PHONE.replace('more.tmpl', 'none/*.tmpl'), /no file is called none\/\*\.tmpl in /],
      ['two files of one name', `${PHONE}template_files: { a.tmpl: x }\n`, /another file than texts\/a\.tmpl/],
      ['a folder', PHONE.replace('more.tmpl', 'texts'), /texts cannot be read \(EISDIR\)/],
      ['no YAML', `${PHONE}]`, /line \d+/],
      ['no list of names', PHONE.replace(/templates: .*/, 'templates: { a: b }'), /templates/],
    ])('is refused for %s', async (_, yaml, why) => {
      expect(await setTo(yaml)).toMatchObject({ code: 2, err: expect.stringMatching(why) });
    });

    it('takes files by their whole paths, too', async () => {
      expect(await setTo(PHONE.replace('more.tmpl', join(folder, 'more.tmpl')))).toMatchObject({ code: 0 });
      expect((await well('channel', 'preview', 'team', 'vm=web-1')).out).toContain('one web-1\n');
    });
  });

  it('set refuses what Alertmanager would, by its lines, and a file that is not there', async () => {
    const file = join(folder, 'wrong.yml');
    writeFileSync(file, 'route:\n  receiver: nobody\n');
    const wrong = await typed('route', 'set', file);
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('line 2, route.receiver')]);
    expect((await typed('route', 'set', join(folder, 'none.yml'))).err).toContain('cannot be read');
  });
});
