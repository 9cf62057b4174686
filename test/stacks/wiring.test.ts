import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { ACKNOWLEDGED } from '../../lib/acknowledged.ts';
import { bundle, entries, ROOT } from '../../lib/bundles.ts';
import { placeholdersOf } from '../../lib/constructs/workflow.ts';
import { VARIABLES } from '../../lib/environment.ts';
import { pascal } from '../../lib/names.ts';
import { resourcesOf, templatesOf } from '../support/stacks.ts';

let templates: ReadonlyMap<string, Template>;
beforeAll(() => {
  templates = templatesOf();
});

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

describe('functions', () => {
  it('are all wired', () => {
    const named = [...resourcesOf(templates, 'AWS::Lambda::Function').values()].map(
      ({ Properties }) => Properties.FunctionName,
    );
    expect(named.sort()).toEqual(
      entries()
        .map((entry) => `novacron-test-${entry.replaceAll('/', '-')}`)
        .sort(),
    );
  });

  it('ask CloudWatch for metrics of VMs unless a setting says no', () => {
    const kinds = ['AWS::Lambda::Function', 'AWS::Scheduler::Schedule', 'AWS::IAM::Role'];
    const without = templatesOf({ ec2Metrics: false });
    const idsIn = (stacks: ReadonlyMap<string, Template>) =>
      kinds.flatMap((kind) => [...resourcesOf(stacks, kind).keys()]);
    const left = new Set(idsIn(without));
    const gone = idsIn(templatesOf({})).filter((id) => !left.has(id));
    expect(gone).toHaveLength(4);
    expect(gone.every((id) => /CollectEc2Metrics/.test(id))).toBe(true);
  });

  it('write to a store outside only where a setting names one', () => {
    const without = templatesOf({});
    const idsIn = (stacks: ReadonlyMap<string, Template>) => [...resourcesOf(stacks).keys()];
    const names = idsIn(without);
    expect(names.filter((id) => /ExportDue/.test(id))).toEqual([]);
    const remoteWrite = { url: 'https://aps-workspaces.eu-west-1.amazonaws.com/workspaces/ws-1/api/v1/remote_write' };
    const more = idsIn(templatesOf({ remoteWrite })).filter((id) => !names.includes(id));
    expect(more.length).toBeGreaterThan(3);
    expect(more.filter((id) => !/ExportDue/.test(id))).toEqual([]);
  });

  it('are given each variable that their code names', () => {
    const given = new Map(
      [...resourcesOf(templates, 'AWS::Lambda::Function').values()].map(({ Properties }) => [
        Properties.FunctionName,
        Object.keys(Properties.Environment?.Variables ?? {}),
      ]),
    );
    for (const [entry, { text }] of bundle(entries())) {
      const named = VARIABLES.filter((name) => new RegExp(`\\b${name}\\b`).test(text) && name !== 'OIDC_JWKS_URI');
      expect(given.get(`novacron-test-${entry.replaceAll('/', '-')}`)?.sort(), entry).toEqual(named.sort());
    }
  });

  it('declare no variable that the stacks do not know', () => {
    const declared = globSync('lambdas/**/*.ts', { cwd: ROOT })
      .flatMap((file) => [...read(file).matchAll(/\benv\(\{([^}]*)\}/g)])
      .flatMap(([, keys = '']) => [...keys.matchAll(/\b([A-Z][A-Z0-9_]+):/g)])
      .map(([, name = '']) => name);
    expect(declared.length).toBeGreaterThan(10);
    expect(declared.filter((name) => !name.startsWith('AWS_') && !VARIABLES.some((known) => known === name))).toEqual(
      [],
    );
  });

  it('have no source map in their zip', () => {
    expect(globSync('.novacron/bundles/*/*.map', { cwd: ROOT }).filter((file) => !file.includes('/maps/'))).toEqual([]);
  });
});

describe('state machines', () => {
  it('use every step, and name no other function', () => {
    const named = globSync('step-functions/*.asl.yaml', { cwd: ROOT }).flatMap((file) => placeholdersOf(read(file)));
    const steps = entries()
      .filter((entry) => entry.startsWith('steps/'))
      .map((entry) => pascal(entry.replace('steps/', '')));
    expect([...new Set(named)].sort()).toEqual(steps.sort());
  });

  it('log each step without what it carried, and are traced', () => {
    const machines = resourcesOf(templates, 'AWS::StepFunctions::StateMachine');
    expect(machines.size).toBe(9);
    for (const [id, { Properties }] of machines) {
      expect(Properties.LoggingConfiguration, id).toMatchObject({ Level: 'ALL', IncludeExecutionData: false });
      expect(Properties.TracingConfiguration, id).toEqual({ Enabled: true });
    }
  });
});

describe('documents', () => {
  it('guard every parameter and hand it over as an environment variable', () => {
    const documents = resourcesOf(templates, 'AWS::SSM::Document');
    expect(documents.size).toBeGreaterThan(9);
    for (const [id, { Properties }] of documents) {
      const { parameters } = Properties.Content;
      for (const [name, { allowedPattern, interpolationType }] of Object.entries(parameters)) {
        expect(allowedPattern, `${id} ${name}`).toMatch(/^\^.*\$$/);
        expect(interpolationType, `${id} ${name}`).toBe('ENV_VAR');
      }
      expect(JSON.stringify(Properties.Content), id).not.toMatch(/\{\{|\$\{[A-Z]\w+\}/);
      expect(JSON.stringify(Properties.Content).length, id).toBeLessThan(64 * 1024);
    }
  });
});

describe('queues and alarms', () => {
  it('bounds every consumer of a queue', () => {
    const consumers = [...resourcesOf(templates, 'AWS::Lambda::EventSourceMapping').values()].filter(
      ({ Properties }) => !Properties.StartingPosition,
    );
    expect(consumers).toHaveLength(5);
    for (const { Properties } of consumers) expect(Properties.ScalingConfig.MaximumConcurrency).toBeGreaterThan(1);
  });

  it('watches each dead-letter queue of the home Region', () => {
    const deadLetters = [...resourcesOf(templates, 'AWS::SQS::Queue')].filter(
      ([id, { Properties }]) => !Properties.RedrivePolicy && !id.startsWith('Region-'),
    );
    const alarms = [...resourcesOf(templates, 'AWS::CloudWatch::Alarm').values()].filter(({ Properties }) =>
      Properties.AlarmDescription.endsWith('#dead-letters'),
    );
    expect(deadLetters).toHaveLength(4);
    expect(alarms).toHaveLength(deadLetters.length);
  });

  it('ends each alarm’s text with a heading of the runbook', () => {
    const headings = [...read('docs/runbook.md').matchAll(/^## (.+)$/gm)].map(([, heading = '']) =>
      heading.toLowerCase().replaceAll(' ', '-'),
    );
    const alarms = resourcesOf(templates, 'AWS::CloudWatch::Alarm');
    expect(alarms.size).toBeGreaterThan(10);
    for (const [id, { Properties }] of alarms) {
      const [, anchor] = / Runbook: docs\/runbook\.md#([a-z-]+)$/.exec(Properties.AlarmDescription) ?? [];
      expect(headings, id).toContain(anchor);
      expect(Properties.AlarmActions, id).toHaveLength(1);
    }
  });
});

describe('rules that are not followed', () => {
  it('are few, each for one reason', () => {
    const of = (pack: string) => ACKNOWLEDGED.filter(({ rule }) => rule.startsWith(pack));
    expect(of('AwsSolutions-').length).toBeLessThanOrEqual(7);
    expect(of('Serverless-').length).toBeLessThanOrEqual(4);
    expect(new Set(ACKNOWLEDGED.map(({ rule, reason }) => `${rule} ${reason}`)).size).toBe(ACKNOWLEDGED.length);
  });
});

const python = join(ROOT, '.novacron/venv/bin/python');
/** The types that the embedded AWS really makes, and those it only records, each with a reason. */
const KNOWN = `
import json, pathlib
from ministack.services.cloudformation import provisioners
recorded = json.loads(pathlib.Path("emulator/cloudformation/recorded-types.json").read_text())
print(json.dumps([*provisioners._RESOURCE_HANDLERS, "AWS::SSM::Document", "AWS::Events::Archive", *recorded]))
`;

describe.skipIf(!existsSync(python))('the embedded AWS', () => {
  it('knows every resource type of the stacks', () => {
    const known: string[] = JSON.parse(
      execFileSync(python, ['-c', KNOWN], {
        cwd: join(ROOT, 'local'),
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    );
    const types = new Set([...resourcesOf(templates).values()].map(({ Type }) => Type));
    expect([...types].filter((type) => !known.includes(type))).toEqual([]);
  });
});
