import { describe, expect, it, vi } from 'vitest';
import { handler as rulesDue } from '../../lambdas/alerting/rules-due.ts';
import { alertWorld } from '../support/alert-world.ts';
import { casesOr, SEED } from '../support/cases.ts';
import { Death, deathsOf } from '../support/death.ts';
import { CPU, HOST, measuredHost } from '../support/measured-host.ts';
import { Random } from '../support/random.ts';

/** What rules wait for is told within ten seconds, whoever dies on the way, and once; where messages are lost, within the minute. */
const world = alertWorld();
vi.mock('../../lambdas/alerting/receivers/webhook.ts', async (original) => ({
  ...(await original<object>()),
  postWebhook: async (url: string, body: string) => world().take(url, body),
}));
const host = measuredHost(world);

const hot = (of: object) =>
  host().rule({ name: 'hot', when: { metric: CPU, op: '>', value: 0.9 }, labels: { alertname: 'Hot' }, ...of });
const both = (of: object) =>
  host().rule({ name: 'both', when: { all: ['hot'] }, labels: { alertname: 'Both' }, ...of });
/** When the receiver heard that it was over. */
const ended = () => world().posts.find(({ body }) => body.status === 'resolved')?.body.alerts[0]?.endsAt;
const second = (seconds: number) => host().instant(seconds).replace('.000Z', 'Z');
const SILENT = { name: 'silent', when: { absent: 'host.cpu.utilization' }, for: '30s' };

/** Measures each 15 s. */
const measures = async (from: number, to: number, cpu: number) => {
  for (let at = from; at <= to; at += 15) await host().measure(at, cpu);
};

describe('what rules wait for, with a message for its ten seconds', () => {
  it('an alert that has pended for long enough', async () => {
    await hot({ for: '25s' });
    // The sample that would show it at 35 s does not come.
    await measures(5, 20, 0.95);
    await host().until(41);
    expect(host().told()).toEqual(['30 firing Hot:web-1']);
  });

  it('a host that has been silent for half a minute, whenever it was heard last', async () => {
    await host().rule(SILENT);
    await measures(4, 94, 0.1);
    await host().until(131);
    expect(host().told()).toEqual([`130 firing Silent:${HOST.name}`]);
    await measures(140, 200, 0.1);
    expect(host().told().slice(1)).toEqual([`190 resolved Silent:${HOST.name}`]);
  });

  it('an alert that is kept for a while after it was so', async () => {
    await hot({ keepFiringFor: '20s' });
    await host().measure(5, 0.95);
    await host().measure(61, 0.1);
    await host().until(130);
    // Kept until 81 s, seen at 90 s, told with the next interval of its group.
    expect(host().told()).toEqual(['5 firing Hot:web-1', '125 resolved Hot:web-1']);
    expect(ended()).toBe(second(90));
  });

  it('an alert whose value is none any more', async () => {
    await hot({});
    await host().measure(5, 0.95);
    await host().until(430);
    expect(ended()).toBe(second(310));
  });

  it('a rule that is made of others', async () => {
    await hot({});
    await both({ for: '25s' });
    await measures(5, 95, 0.95);
    // It holds as of 10 s.
    expect(host().told()).toContain('40 firing Both:web-1');
  });
});

describe('a rule that is made of others, with a message for the ten seconds in which its parts change', () => {
  it('fires as one of its parts begins to, and is over as it ceases', async () => {
    await hot({});
    await both({});
    await host().measure(5, 0.95);
    await host().until(11);
    expect(host().told()).toEqual(['5 firing Hot:web-1', '10 firing Both:web-1']);
    await host().measure(20, 0.1);
    await host().until(100);
    expect(ended()).toBe(second(20));
    const over = world().posts.filter(({ body }) => body.status === 'resolved');
    expect(over.map(({ body }) => body.alerts[0]?.endsAt)).toEqual([second(20), second(30)]);
  });

  it('fires as samples of a part do not come', async () => {
    await host().rule(SILENT);
    await both({ when: { any: ['silent'] } });
    await measures(4, 64, 0.1);
    await host().until(111);
    expect(host().told()).toEqual([`100 firing Silent:${HOST.name}`, `110 firing Both:${HOST.name}`]);
  });

  it('fires by the tick where the message is lost', async () => {
    await hot({});
    await both({});
    world().loses = (body) => body.includes('compositesOf');
    await host().measure(5, 0.95);
    await host().until(121);
    expect(host().told()).toEqual(['5 firing Hot:web-1', '60 firing Both:web-1']);
  });

  it('is looked at once for all that changes within ten seconds, and for nothing that it is not made of', async () => {
    await hot({});
    await host().rule({ name: 'warm', when: { metric: CPU, op: '>', value: 0.5 }, labels: { alertname: 'Warm' } });
    await host().rule({ name: 'other', when: { metric: CPU, op: '<', value: 0.2 } });
    await both({ when: { any: ['hot', 'warm'] } });
    let sent = 0;
    world().loses = (body) => {
      sent += Number(body.includes('compositesOf'));
      return false;
    };
    await host().measure(1, 0.6);
    await host().measure(4, 0.95);
    await host().measure(7, 0.6);
    expect(sent).toBe(1);
    await host().until(60);
    await host().measure(61, 0.1);
    const before = sent;
    await host().measure(71, 0.3);
    expect(sent).toBe(before);
  });

  it('is looked at by a message that comes twice or late, and by none for nothing', async () => {
    await hot({});
    await both({});
    await host().measure(5, 0.95);
    await host().until(11);
    for (const further of [undefined, 0]) await rulesDue({ detail: { compositesOf: 'default', further } });
    await host().until(31);
    await rulesDue({ detail: { compositesOf: 'default' } });
    expect(host().told()).toEqual(['5 firing Hot:web-1', '10 firing Both:web-1']);
  });

  /** Composites of each other over `hot`, each of which waits for so long. */
  const tower = async (floors: number, wait: string) => {
    await hot({});
    for (let floor = 1; floor <= floors; floor += 1) {
      const below = floor === 1 ? 'hot' : `floor-${floor - 1}`;
      await both({ name: `floor-${floor}`, when: { all: [below] }, for: wait, labels: { alertname: `Floor${floor}` } });
    }
  };

  it('waits for the time of each of those that it is made of, as deep as rules go, without the tick', async () => {
    await tower(5, '5s');
    world().isDead = (stage) => stage === 'tick';
    await measures(5, 65, 0.95);
    expect(host().told()).toEqual([
      '5 firing Hot:web-1',
      ...[20, 30, 40, 50, 60].map((at, index) => `${at} firing Floor${index + 1}:web-1`),
    ]);
  });

  it('has no look that orders another for ever', async () => {
    await tower(5, '5s');
    const looks: number[] = [];
    world().loses = (body) => {
      const { compositesOf, further = 5 } = JSON.parse(body);
      if (compositesOf) looks.push(further);
      return false;
    };
    world().isDead = (stage) => stage === 'tick';
    await host().measure(5, 0.95);
    await host().until(300);
    expect(looks).toEqual([5, 4, 3, 2, 1, 0]);
  });

  it('is not made what it was by a tick that read before what changed meanwhile', async () => {
    await hot({});
    await both({});
    await host().until(55);
    const { state } = host();
    let calls = 0;
    // The tick has read all there is, and is about to write that nothing fires.
    state.around = async (work) => {
      calls += 1;
      const result = await work();
      if (calls === 3) {
        state.around = (each) => each();
        await host().measure(55, 0.95);
        await host().until(60);
        await rulesDue({ detail: { compositesOf: 'default' } });
      }
      return result;
    };
    await rulesDue({});
    await host().until(200);
    expect(
      host()
        .told()
        .filter((line) => line.includes('Both')),
    ).toEqual(['60 firing Both:web-1']);
  });
});

describe('a host that measures', () => {
  it('is never said to be silent, however its samples and the ticks come', async () => {
    const random = new Random(SEED);
    for (let at = 5; at < 3600; at += 14.5 + random.below(1000) / 1000) await host().measure(at, 0.1);
    expect(host().told()).toEqual([]);
  });

  it('has a short wait begin anew with each sample', async () => {
    await host().rule(SILENT);
    await measures(5, 600, 0.1);
    expect(host().told()).toEqual([]);
  });
});

describe('messages', () => {
  it('that are lost are made good for by the tick', async () => {
    await hot({ for: '25s' });
    world().loses = () => true;
    await measures(5, 20, 0.95);
    await host().until(65);
    world().loses = () => false;
    await host().until(125);
    expect(host().told()).toEqual(['120 firing Hot:web-1']);
  });

  it('that come twice, late or for nothing change nothing, and are not read on', async () => {
    await hot({ for: '25s' });
    await measures(5, 20, 0.95);
    await host().until(31);
    const { state } = host();
    const again = async () => {
      let calls = 0;
      state.around = (work) => {
        calls += 1;
        return work();
      };
      await rulesDue({ detail: { rulesOfHost: HOST.id } });
      state.around = (work) => work();
      return calls;
    };
    expect(await again()).toBe(1);
    await host().until(55);
    expect(await again()).toBe(1);
    expect(host().told()).toEqual(['30 firing Hot:web-1']);
  });

  it('are as many as there are moments, however many samples come before', async () => {
    await hot({ for: '50s' });
    let sent = 0;
    world().loses = () => {
      sent += 1;
      return false;
    };
    await measures(5, 50, 0.95);
    expect(sent).toBe(1);
  });

  it('are none where nothing is due', async () => {
    await hot({ for: '25s' });
    world().loses = () => {
      throw new Error('a message');
    };
    await measures(5, 200, 0.1);
    expect(host().told()).toEqual([]);
  });
});

const deaths = deathsOf(24);

describe('whoever looks at rules dies', () => {
  it.each(deaths)('%s its call %i, and the alert is told once', async (when, at) => {
    await hot({ for: '25s' });
    await measures(5, 20, 0.95);
    const { state } = host();
    let left = 1;
    world().run = async (work) => {
      const death = new Death(left > 0 ? at : 0, when);
      state.around = (call) => death.around(call);
      await work().catch((error: unknown) => expect(error).toMatchObject({ message: 'dead' }));
      state.around = (call) => call();
      if (death.isDead) left -= 1;
    };
    await host().until(200);
    const told = host().told();
    expect(told.filter((line) => line.includes('firing'))).toHaveLength(1);
    expect(Number(told[0]?.split(' ')[0])).toBeLessThanOrEqual(left === 0 ? 120 : 30);
  });

  it.each(deaths)('%s its call %i as samples come: who sends them does so again', async (when, at) => {
    await host().rule(SILENT);
    await hot({ for: '25s' });
    const { state } = host();
    const dying = async (seconds: number, cpu: number) => {
      const death = new Death(at, when);
      state.around = (call) => death.around(call);
      await host().report(seconds, { [CPU]: cpu });
      state.around = (call) => call();
      await host().measure(seconds, cpu);
    };
    await dying(5, 0.95);
    await dying(20, 0.95);
    await host().until(100);
    expect(host().told()).toEqual(['30 firing Hot:web-1', `50 firing Silent:${HOST.name}`]);
  });

  it.each(deaths)('%s its call %i as parts of a rule change: the rule is told of once', async (when, at) => {
    await hot({});
    await both({});
    const { state } = host();
    const death = new Death(at, when);
    state.around = (call) => death.around(call);
    await host().report(5, { [CPU]: 0.95 });
    state.around = (call) => call();
    await host().measure(6, 0.95);
    await host().until(121);
    const told = host()
      .told()
      .filter((line) => line.includes('Both'));
    expect(told).toHaveLength(1);
    expect(['10', '60']).toContain(told[0]?.split(' ')[0]);
  });

  it('amid messages that are lost, late and doubled', async () => {
    const random = new Random(SEED);
    await hot({ for: '25s' });
    world().loses = () => random.chance(0.3);
    world().run = async (work) => {
      await work();
      if (random.chance(0.3)) await work();
    };
    for (let round = 0; round < casesOr(20); round += 1) {
      const begin = round * 600;
      world().posts = [];
      await measures(begin + 5, begin + 20, 0.95);
      await host().until(begin + 125);
      expect(
        host()
          .told()
          .filter((line) => line.includes('Hot')),
        `round ${round}`,
      ).toHaveLength(1);
      await measures(begin + 140, begin + 590, 0.1);
    }
  });
});
