import { beforeEach, describe, expect, it } from 'vitest';
import { ruleIdOf } from '../../lambdas/domain/ids.ts';
import { call, insertProject, insertRule, newRule, signIn } from '../support/api.ts';
import { RULES } from '../support/rbac-rules.ts';
import { StateTable } from '../support/state-table.ts';

let operator: string;
beforeEach(async () => {
  new StateTable();
  operator = await signIn('operator');
});

const send = (line: string, body?: unknown, headers: Record<string, string> = {}) =>
  call(line, { token: operator, headers, ...(body === undefined ? {} : { body }) });
const create = (spec: object = {}) => send('POST /v1/rules', { ...RULES['create-rule']?.body, ...spec });
const pointers = (body: { readonly errors?: readonly { readonly pointer: string }[] }) =>
  body.errors?.map(({ pointer }) => pointer);
const SATURATED = ruleIdOf('default', 'vm-cpu-saturated');
const made = (of: object) => ({ when: { all: ['hot'], ...of } });

describe('a rule', () => {
  it('is made, shown, listed, changed and forgotten', async () => {
    const { body, ...answer } = await create({ labels: { severity: 'page' }, matchers: ['tag_env="prod"'] });
    expect(answer).toMatchObject({ status: 201, headers: { location: `/v1/rules/${body.id}` } });
    expect(body).toMatchObject({ name: 'hot', on: 'vm', builtIn: false, enabled: true, project: 'default' });
    expect((await send(`GET /v1/rules/${body.id}`)).body).toEqual(body);
    expect((await send('GET /v1/rules?name=hot')).body.items).toEqual([body]);
    const changed = await send(`PATCH /v1/rules/${body.id}`, { description: 'of late', for: '5m' });
    expect(changed.body).toEqual({ ...body, description: 'of late', for: '5m' });
    expect((await send(`PATCH /v1/rules/${body.id}`, { description: null })).body).toEqual({ ...body, for: '5m' });
    expect((await send(`DELETE /v1/rules/${body.id}`)).status).toBe(204);
    expect(await send(`GET /v1/rules/${body.id}`)).toMatchObject({ status: 404, body: { code: 'RuleNotFound' } });
    expect((await create()).status).toBe(201);
  });

  it('has a name of its own within its project, and keeps it', async () => {
    const { body } = await create();
    expect(await create({ for: '1m' })).toMatchObject({ status: 409, body: { code: 'NameTaken' } });
    expect(pointers((await send(`PATCH /v1/rules/${body.id}`, { name: 'other' })).body)).toContain('/name');
  });

  it('is changed by who has seen it as it is', async () => {
    const { body } = await create();
    const { headers } = await send(`GET /v1/rules/${body.id}`);
    const seen = { 'if-match': headers.etag ?? '' };
    expect((await send(`PATCH /v1/rules/${body.id}`, { for: '1m' }, seen)).status).toBe(200);
    expect((await send(`PATCH /v1/rules/${body.id}`, { for: '2m' }, seen)).status).toBe(412);
    expect((await send(`DELETE /v1/rules/${body.id}`, undefined, seen)).status).toBe(412);
  });

  it('of a project is one of a hundred at most, and those of another count for nothing', async () => {
    for (let number = 0; number < 100; number += 1) {
      const id = `rul-${String(number).padStart(16, '0')}`;
      await insertRule(newRule({ id, name: `r-${number}`, project: number < 10 ? 'shop' : 'default' }));
    }
    expect(await create()).toMatchObject({ status: 422, body: { code: 'QuotaExceeded' } });
    expect((await send('PATCH /v1/rules/rul-0000000000000050', { for: '1m' })).status).toBe(200);
    expect((await send('DELETE /v1/rules/rul-0000000000000050')).status).toBe(204);
  });
});

describe('a rule that comes with the plane', () => {
  it('is there before anybody has said anything, and paged as any other', async () => {
    const { items } = (await send('GET /v1/rules')).body;
    expect(items.length).toBeGreaterThan(8);
    expect((await send('GET /v1/rules?builtIn=true')).body.items).toEqual(items);
    const names: string[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await send(`GET /v1/rules?limit=2${cursor && `&cursor=${cursor}`}`);
      names.push(...body.items.map(({ name }) => String(name)));
      if (body.cursor === undefined) break;
      cursor = body.cursor;
    }
    expect(names).toEqual(items.map(({ name }) => name));
    expect((await send(`GET /v1/rules/${SATURATED}`)).body).toMatchObject({ builtIn: true, by: 'novacron', on: 'vm' });
  });

  it('is turned off and changed, which is the project’s own from then on, and comes back as that is deleted', async () => {
    const before = (await send(`GET /v1/rules/${SATURATED}`)).body;
    expect((await send(`DELETE /v1/rules/${SATURATED}`)).body).toMatchObject({ code: 'RuleBuiltIn' });
    const off = await send(`PATCH /v1/rules/${SATURATED}`, { enabled: false });
    expect(off).toMatchObject({ status: 200, body: { enabled: false, builtIn: false } });
    expect((await send('GET /v1/rules?enabled=false&builtIn=false')).body.items).toEqual([off.body]);
    expect((await send(`PATCH /v1/rules/${SATURATED}`, { for: '3m' })).status).toBe(200);
    expect((await send(`DELETE /v1/rules/${SATURATED}`)).status).toBe(204);
    expect((await send(`GET /v1/rules/${SATURATED}`)).body).toEqual(before);
  });

  it('is replaced by one of its name', async () => {
    const { body } = await create({ name: 'vm-cpu-saturated', for: '1h' });
    expect(body.id).toBe(SATURATED);
    const { items } = (await send('GET /v1/rules?name=vm-cpu-saturated')).body;
    expect(items).toEqual([body]);
    expect((await create({ name: 'vm-cpu-saturated' })).body.code).toBe('NameTaken');
  });

  it('about hosts is of the project default alone, as any other is', async () => {
    await insertProject({ id: 'shop' });
    const token = await signIn('operator', { id: 'tok-000000000000shop', project: 'shop', system: false });
    const { items } = (await call('GET /v1/rules', { token })).body;
    expect(items.filter((rule) => 'on' in rule && rule.on !== 'vm')).toEqual([]);
    const when = { absent: 'host.cpu.load' };
    const body = { name: 'silent', when, for: '5m' };
    const refused = await call('POST /v1/rules', { token, body });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ pointer: '/when' }] } });
    expect((await send('POST /v1/rules', body)).body).toMatchObject({ on: 'host' });
  });
});

describe('a rule that is made of others', () => {
  beforeEach(async () => {
    await create();
  });

  it('names rules that are there', async () => {
    expect((await create({ name: 'both', ...made({ not: ['vm-cpu-steal'] }) })).status).toBe(201);
    const refused = await create({ name: 'other', ...made({ any: ['vm-cpu-steal', 'gone'] }) });
    expect(refused.body).toMatchObject({ code: 'InvalidRequest', errors: [{ pointer: '/when/any/1' }] });
  });

  it('keeps them from being deleted, but not what comes back', async () => {
    await create({ name: 'both', ...made({ any: ['vm-cpu-steal'] }) });
    const hot = ruleIdOf('default', 'hot');
    const refused = await send(`DELETE /v1/rules/${hot}`);
    expect(refused).toMatchObject({ status: 409, body: { code: 'RuleInUse' } });
    expect(refused.body.detail).toContain('both');
    await create({ name: 'vm-cpu-steal' });
    expect((await send(`DELETE /v1/rules/${ruleIdOf('default', 'vm-cpu-steal')}`)).status).toBe(204);
  });

  it('is not made of itself, by however many others', async () => {
    await create({ name: 'one', ...made({}) });
    await create({ name: 'two', when: { any: ['one'] } });
    const { body } = await send(`PATCH /v1/rules/${ruleIdOf('default', 'one')}`, { when: { all: ['two'] } });
    expect(body).toMatchObject({ code: 'RuleCyclic' });
    expect(body.detail).toContain('two is made of one is made of two');
    expect((await create({ name: 'self', when: { all: ['self'] } })).body.code).toBe('RuleCyclic');
  });

  it('is not made of itself by two changes at one moment', async () => {
    await create({ name: 'one', ...made({}) });
    await create({ name: 'two', ...made({}) });
    const change = (name: string, of: string) =>
      send(`PATCH /v1/rules/${ruleIdOf('default', name)}`, { when: { all: [of] } });
    const both = await Promise.all([change('one', 'two'), change('two', 'one')]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 422]);
  });

  it('stands on five others at most', async () => {
    await create({ name: 'c-1', ...made({}) });
    for (const number of [2, 3, 4, 5]) await create({ name: `c-${number}`, when: { all: [`c-${number - 1}`] } });
    expect((await create({ name: 'c-6', when: { all: ['c-5'] } })).status).toBe(400);
    // Nor is one put below that would make it so.
    await create({ name: 'base' });
    expect((await send(`PATCH /v1/rules/${ruleIdOf('default', 'c-1')}`, { when: { all: ['base'] } })).status).toBe(200);
  });

  it('of VMs and hosts says in which labels they agree', async () => {
    const when = { all: ['hot', 'host-cpu-saturated'] };
    expect(pointers((await create({ name: 'mixed', when })).body)).toEqual(['/when/equal']);
    expect((await create({ name: 'mixed', when: { ...when, equal: ['host'] } })).body).not.toHaveProperty('on');
  });
});

describe('a rule of an event', () => {
  const LOST = ruleIdOf('default', 'vm-lost');
  const change = (body: object) => send(`PATCH /v1/rules/${LOST}`, body);

  it('is there, changed in what is told, and as it came again', async () => {
    const before = (await send(`GET /v1/rules/${LOST}`)).body;
    expect(before).toMatchObject({ name: 'vm-lost', when: { event: 'vm-lost' }, builtIn: true, enabled: true });
    expect(before).not.toHaveProperty('on');
    const said = { labels: { severity: 'page' }, matchers: ['vm=~"web-.*"'], annotations: { summary: 'x' } };
    expect(await change(said)).toMatchObject({ status: 200, body: { ...said, builtIn: false } });
    expect((await change({ enabled: false })).body).toMatchObject({ ...said, enabled: false });
    expect((await send(`DELETE /v1/rules/${LOST}`)).status).toBe(204);
    expect((await send(`GET /v1/rules/${LOST}`)).body).toEqual(before);
    const again = await send('POST /v1/rules', { name: 'vm-lost', when: { event: 'vm-lost' }, enabled: false });
    expect(again).toMatchObject({ status: 201, body: { id: LOST, enabled: false } });
  });

  it.each<[string, object, string]>([
    ['how long on', { keepFiringFor: '5m' }, '/keepFiringFor'],
    ['samples', { datapoints: { breaching: 1, of: 2 } }, '/datapoints'],
    ['another name', { labels: { alertname: 'Gone' } }, '/labels/alertname'],
    ['of whom it is', { labels: { vm: 'x' } }, '/labels/vm'],
    ['labels that it has not', { matchers: ['vm="a"', 'tag_env="prod"', 'zone="a"'] }, '/matchers/2'],
    ['another event', { when: { event: 'vm-crashed' } }, '/when/event'],
    ['an event that is none', { when: { event: 'vm-bored' } }, '/when/event'],
    ['what is measured', { when: { metric: 'vm.cpu.steal', op: '>', value: 1 } }, '/when'],
  ])('takes no word on %s', async (_, body, pointer) => {
    const answer = await change(body);
    expect([answer.status, pointers(answer.body)]).toEqual([400, [pointer]]);
  });

  const post = (body: object) => send('POST /v1/rules', body);

  it('may be one of several, with names of their own', async () => {
    const second = { name: 'lost-too', when: { event: 'vm-lost' }, for: '10m', matchers: ['tag_env="prod"'] };
    expect(await post(second)).toMatchObject({ status: 201, body: second });
    const id = ruleIdOf('default', 'lost-too');
    expect((await send(`PATCH /v1/rules/${id}`, { labels: { severity: 'page' } })).status).toBe(200);
    expect(pointers((await post({ name: 'vm-crashed', when: { event: 'vm-lost' } })).body)).toEqual(['/when/event']);
    expect((await change({ for: '5m' })).body).toMatchObject({ name: 'vm-lost', for: '5m' });
    expect((await send(`DELETE /v1/rules/${id}`)).status).toBe(204);
  });

  it.each(['operation-failed', 'schedule-missed', 'silence-ending', 'audit-finding'])(
    'takes no `for` where it has happened, and matches no tags where it is about no VM: %s',
    async (event) => {
      const answer = await post({ name: 'one', when: { event }, for: '5m', matchers: ['tag_env="prod"'] });
      expect([answer.status, pointers(answer.body)]).toEqual([
        400,
        event === 'operation-failed' ? ['/for'] : ['/for', '/matchers/0'],
      ]);
    },
  );

  it('leaves an older one of its name as it is, which may be changed and deleted', async () => {
    await insertRule(newRule({ id: LOST, name: 'vm-lost' }));
    expect(await change({ for: '5m' })).toMatchObject({ status: 200, body: { for: '5m', on: 'vm' } });
    expect((await post({ name: 'vm-lost', when: { event: 'vm-lost' } })).body).toMatchObject({ code: 'NameTaken' });
    expect((await post({ name: 'lost', when: { event: 'vm-lost' } })).status).toBe(201);
    expect((await send(`DELETE /v1/rules/${LOST}`)).status).toBe(204);
    expect((await send(`GET /v1/rules/${LOST}`)).body).toMatchObject({ when: { event: 'vm-lost' }, builtIn: true });
  });

  it('is no part of others', async () => {
    expect(pointers((await create({ name: 'vm-lost' })).body)).toEqual(['/when']);
    const part = await create({ name: 'both', when: { all: ['vm-cpu-steal'], not: ['vm-lost'] } });
    expect(pointers(part.body)).toEqual(['/when/not/0']);
  });

  it('of audits is of the project default alone', async () => {
    await insertProject({ id: 'shop' });
    const token = await signIn('operator', { id: 'tok-000000000000shop', project: 'shop', system: false });
    const body = { name: 'audit-finding', when: { event: 'audit-finding' } };
    const refused = await call('POST /v1/rules', { token, body });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ pointer: '/when' }] } });
    expect((await send('POST /v1/rules', body)).status).toBe(201);
  });
});

const when = { metric: 'vm.cpu.utilization', op: '>', value: 0.9 };
const windowed = { ...when, stat: 'avg', over: '5m' };

describe('a rule that says', () => {
  it.each<[string, object, string]>([
    ['a field of a condition that is none', { when: { ...when, limit: 1 } }, '/when/limit'],
    ['an operator that is none', { when: { ...when, op: '=>' } }, '/when/op'],
    ['a limit that is no number', { when: { ...when, value: '90%' } }, '/when/value'],
    ['a window without its length', { when: { ...when, stat: 'avg' } }, '/when/over'],
    ['a length without a window', { when: { ...when, over: '5m' } }, '/when/over'],
    ['a window of a month', { when: { ...windowed, over: '4w' } }, '/when/over'],
    ['a way back beyond its limit', { when: { ...when, clear: 0.95 } }, '/when/clear'],
    ['a way back from equality', { when: { ...when, op: '==', clear: 0.5 } }, '/when/clear'],
    ['a share of another kind', { when: { ...when, of: 'host.memory.limit' } }, '/when/of'],
    ['a name for a metric that is none', { when: { ...when, metric: 'CPU' } }, '/when/metric'],
    ['a band of no width', { when: { metric: when.metric, band: { weeks: 4, width: 0 } } }, '/when/band/width'],
    ['absence for no time', { when: { absent: when.metric }, for: '0s' }, '/for'],
    ['only what must not be', { when: { not: ['vm-cpu-steal'] } }, '/when'],
    ['a wait of no unit', { for: '10' }, '/for'],
    ['a wait in the wrong order', { for: '5m1h' }, '/for'],
    ['a wait of a year', { for: '1y' }, '/for'],
    ['more of its samples than there are', { datapoints: { breaching: 4, of: 3 } }, '/datapoints/breaching'],
    ['samples of rules', { when: { all: ['vm-cpu-steal'] }, datapoints: { breaching: 1, of: 2 } }, '/datapoints'],
    ['always, and of whom', { when: { always: true }, matchers: ['vm="web-1"'] }, '/matchers'],
    ['always, or not', { when: { always: false } }, '/when/always'],
    ['a pattern that is none', { matchers: ['vm=~"("'] }, '/matchers/0'],
    ['a matcher that is none', { matchers: ['name'] }, '/matchers/0'],
    ['a label that no series has', { matchers: ['nmae="web"'] }, '/matchers/0'],
    ['what a subject is', { labels: { host: 'x' } }, '/labels/host'],
    ['a label that is none', { labels: { 'a-b': 'x' } }, '/labels/a-b'],
    ['a template that is none', { annotations: { summary: '{{ range }}' } }, '/annotations/summary'],
    ['half a template', { annotations: { summary: '{{ $value' } }, '/annotations/summary'],
    ['a runbook that is no address', { annotations: { runbook_url: 'javascript:x' } }, '/annotations/runbook_url'],
    ['a field that is none', { severity: 'page' }, '/severity'],
  ])('%s is refused, naming the place', async (_, spec, pointer) => {
    const answer = await create(spec);
    expect(answer.status, JSON.stringify(answer.body)).toBe(400);
    expect(pointers(answer.body)).toContain(pointer);
  });

  it('a number that JSON does not know is refused', async () => {
    const body = '{"name":"hot","when":{"metric":"vm.cpu.utilization","op":">","value":1e999}}';
    expect((await send('POST /v1/rules', JSON.parse(body))).status).toBe(400);
  });

  it('a metric that nobody measures is told which are near', async () => {
    const { status, body } = await create({ when: { ...when, metric: 'vm.cpu.utilisation' } });
    expect([status, body.code]).toEqual([422, 'MetricUnknown']);
    expect(body.detail).toContain('vm.cpu.utilization');
    expect(pointers(body)).toEqual(['/when/metric']);
  });

  it('no condition at all is refused', async () => {
    for (const none of [undefined, null, 'vm.cpu.utilization > 0.9']) {
      expect(pointers((await create({ when: none })).body)).toContain('/when');
    }
    expect(pointers((await create({ when: {} })).body)).toEqual(['/when/metric', '/when/op', '/when/value']);
  });
});

describe('a rule is tried', () => {
  const at = (minute: number) => `2026-11-25T10:${String(minute).padStart(2, '0')}:00.000Z`;
  const samples = (values: readonly number[]) =>
    values.map((value, minute) => ({ at: at(minute), values: { 'vm.cpu.utilization': value } }));
  const rule = { name: 'hot', when, for: '2m', annotations: { summary: '{{ $labels.vm }} at {{ $value }}' } };

  it('on samples that somebody gives: when it would have pended, fired and been over', async () => {
    const body = { rule, labels: { vm: 'web-1' }, samples: samples([0.5, 0.95, 0.95, 0.99, 0.5]) };
    const answer = await send('POST /v1/rules/actions/test', body);
    expect(answer.body).toEqual({
      changes: [
        { at: at(1), state: 'pending', value: 0.95 },
        { at: at(3), state: 'firing', value: 0.99 },
        { at: at(4), state: 'resolved' },
      ],
      alert: { labels: { alertname: 'Hot', vm: 'web-1' }, annotations: { summary: 'web-1 at 0.99' } },
    });
    expect((await send('GET /v1/rules?name=hot')).body.items).toEqual([]);
  });

  it('without any', async () => {
    const silent = { name: 'silent', when: { absent: when.metric }, for: '5m' };
    const body = { rule: silent, samples: samples([0.5]), until: at(10) };
    expect((await send('POST /v1/rules/actions/test', body)).body).toMatchObject({
      changes: [{ at: at(5), state: 'firing' }],
    });
  });

  it('against what is usual', async () => {
    const odd = { name: 'odd', when: { metric: when.metric, band: { weeks: 4, width: 3 } } };
    const usual = { median: 0.2, mad: 0.02 };
    const changes = async (value: number, more: object = { usual }) =>
      (await send('POST /v1/rules/actions/test', { rule: odd, samples: samples([value]), ...more })).body.changes;
    expect(await changes(0.28)).toEqual([]);
    expect(await changes(0.3)).toEqual([{ at: at(0), state: 'firing', value: 0.3 }]);
    expect(await changes(0.1)).toHaveLength(1);
    expect(await changes(0.3, {})).toEqual([]);
  });

  it('is refused of more than a day, of rules, and of what nobody measures', async () => {
    const refused = async (body: object) => (await send('POST /v1/rules/actions/test', body)).status;
    expect(await refused({ rule, samples: samples([1]), until: '2026-11-27T10:00:00.000Z' })).toBe(400);
    expect(await refused({ rule: { name: 'x', when: { all: ['hot'] } }, samples: samples([1]) })).toBe(400);
    expect(await refused({ rule: { name: 'x', when: { always: true } }, samples: samples([1]) })).toBe(400);
    expect(await refused({ rule: { ...rule, when: { ...when, metric: 'vm.nothing' } }, samples: samples([1]) })).toBe(
      422,
    );
  });
});
