import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { Route } from '../../lambdas/api/route.ts';
import { ROUTES } from '../../lambdas/api/routes.ts';
import { CreateVm } from '../../lambdas/domain/create-vm.ts';
import { call, type Got, signIn } from '../support/api.ts';
import { StateTable } from '../support/state-table.ts';

/** Where a text stands in a body: names of fields, 0 for an item of a list, KEY where it is itself the name of a field. */
type Place = readonly (string | 0)[];
const KEY = '<key>';

/** What the walk reads of a JSON schema; whatever else stands there says nothing of where texts are. */
interface Shape {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Shape[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly additionalProperties?: Shape | boolean;
}

const isFree = (shape: Shape): boolean =>
  shape.type === 'string' && shape.enum === undefined && shape.const === undefined;

/** Every place of a schema at which any text may stand. */
const placesOf = (shape: Shape, at: Place = []): Place[] => {
  const { anyOf = [], properties = {}, items, additionalProperties: values } = shape;
  return [
    ...(isFree(shape) ? [at] : []),
    ...anyOf.flatMap((each) => placesOf(each, at)),
    ...Object.entries(properties).flatMap(([name, each]) => placesOf(each, [...at, name])),
    ...(items ? placesOf(items, [...at, 0]) : []),
    ...(typeof values === 'object' ? [[...at, KEY], ...placesOf(values, [...at, 'key'])] : []),
  ];
};

/** The least body that has the text at its place. */
const bodyWith = (text: string, [first, ...rest]: Place): unknown => {
  if (first === undefined) return text;
  if (first === 0) return [bodyWith(text, rest)];
  return first === KEY ? { [text]: 'value' } : { [first]: bodyWith(text, rest) };
};

const escaped = (text: string): string => text.replaceAll('~', '~0').replaceAll('/', '~1');
const pointerTo = (text: string, place: Place): string =>
  place.map((step) => `/${step === 0 ? 0 : escaped(step === KEY ? text : step)}`).join('');

/** As a person would write them, so that what is refused is refused for the braces. */
const TEXTS = [
  '{{ x }}',
  'web{{x}}',
  'x}}',
  '/srv/{{ssm:name}}.qcow2',
  'https://images.test/{{x}}',
  'http://proxy.test:3128/{{x}}',
  `ssh-ed25519 ${'A'.repeat(68)} {{x}}`,
];

/** Hosts and monitors tell what they see, a stranger's domain of any name too; nobody asks for anything by it. */
const SEEN: readonly string[] = ['report-host', 'report-metrics', 'post-alerts'];
/** What is not as it was signed is answered to a person, by a page. */
const SIGNED: readonly string[] = ['show-answer', 'acknowledge-by-link', 'answer-from-slack'];
/** The texts that may have them: the templates of cloud-init and of Alertmanager are made of them (docs/adr/011). */
const ALLOWED = ['/userData', '/yaml', '/template'];

const shapeOf = (schema: z.ZodType): Shape => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shape;
const asked = ROUTES.filter(({ action }) => ![...SEEN, ...SIGNED].includes(action));
const bodies = asked.flatMap(({ body, ...route }) =>
  (body ? placesOf(shapeOf(body)) : []).map((place) => [`${route.method} ${route.path}`, place, route] as const),
);
const fixed = (path: string): string => path.replace('{id}', 'vm-0000000000000001');

const pointersOf = ({ body }: Got): string[] => body.errors.map(({ pointer }: { pointer: string }) => pointer);

let state: StateTable;
let admin: string;
let host: string;
beforeEach(async () => {
  state = new StateTable();
  admin = await signIn('admin');
  host = await signIn('host');
});

const send = (line: string, { access }: Pick<Route, 'access'>, body?: unknown) =>
  call(line, {
    ...(access === 'iam' ? { iam: 'arn:aws:iam::123456789012:role/deploy' } : {}),
    token: access === 'host' ? host : admin,
    ...(body === undefined ? {} : { body }),
  });

describe('{{ and }}', () => {
  it('are looked for in every text of the table', () => {
    expect(bodies.map(([, place]) => pointerTo('<key>', place))).toEqual(
      expect.arrayContaining(['/name', '/tags/<key>', '/tags/key', '/sshKeys/0', '/ec2/keyName', '/source', '/proxy']),
    );
    expect(bodies.length).toBeGreaterThan(30);
  });

  it.each(
    bodies
      .filter(([, place]) => !ALLOWED.includes(pointerTo('', place)))
      .map(([line, place, route]) => ({ line, place, route, at: pointerTo('<key>', place) })),
  )('$line refuses them at $at, and names it', async ({ line, place, route }) => {
    const rows = state.rows.size;
    for (const text of TEXTS) {
      const got = await send(fixed(line), route, bodyWith(text, place));
      expect(got.status, text).toBe(400);
      expect(pointersOf(got), text).toContain(pointerTo(text, place));
    }
    // The auditor is told of each refusal, and nothing else is written.
    expect(state.rows.size).toBe(rows + TEXTS.length);
  });

  it.each(asked.filter(({ params }) => params).map((route) => [route.method, route.path, route] as const))(
    '%s %s refuses them in its path',
    async (method, path, route) => {
      for (const text of TEXTS) {
        const got = await send(`${method} ${path.replace('{id}', encodeURIComponent(text))}`, route);
        expect(got.status, text).toBe(400);
        expect(pointersOf(got), text).toContain('path/id');
      }
    },
  );

  const queries = asked.flatMap(({ query, ...route }) =>
    (query ? placesOf(shapeOf(query)) : []).map(([name]) => [route.method, route.path, String(name), route] as const),
  );
  it.each(queries)('%s %s refuses them in its query: %s', async (method, path, name, route) => {
    const got = await send(`${method} ${fixed(path)}?${name}=${encodeURIComponent('{{ x }}')}`, route);
    expect(got.status).toBe(400);
    expect(pointersOf(got)).toContain(`query/${name}`);
  });

  it('are let through in user-data, as cloud-init needs them', () => {
    const userData = '## template: jinja\n#cloud-config\nhostname: {{ ds.meta_data.instance_id }}\n';
    expect(CreateVm.safeParse({ name: 'web-1', provider: 'kvm', image: 'test', userData }).success).toBe(true);
  });
});
