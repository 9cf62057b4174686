import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, expect, it } from 'vitest';
import { EVERYTHING, type Resource, templatesOf } from '../support/stacks.ts';

let templates: ReadonlyMap<string, Template>;
beforeAll(() => {
  templates = templatesOf(EVERYTHING);
});

/** What has a file of its own under review, or differs by code alone, stands in the snapshot by its name only. */
const MASKED: Readonly<Record<string, readonly string[]>> = {
  'AWS::Lambda::Function': ['Code'],
  'AWS::SSM::Document': ['Content'],
  'AWS::StepFunctions::StateMachine': ['DefinitionString'],
  'AWS::CloudWatch::Dashboard': ['DashboardBody'],
};

/** The version of the host unit is a digest of its sources, a function's version ends in one of its code. */
const unversioned = (text: string): string =>
  text
    .replace(/("UNIT_VERSION": )"\d+-[0-9a-f]{12}"/g, '$1"(masked)"')
    .replace(/(CurrentVersion[0-9A-F]{8})[0-9a-f]{32}/g, '$1');

const masked = ([id, { Type, Properties, ...rest }]: [string, Resource]) => [
  id,
  {
    Type,
    ...rest,
    Properties: { ...Properties, ...Object.fromEntries((MASKED[Type] ?? []).map((name) => [name, '(masked)'])) },
  },
];

it.each(['State', 'Hosts', 'Api', 'Operations', 'Alerts', 'Watch', 'Region-eu-west-1'])(
  '%s is what was reviewed',
  async (name) => {
    const { Resources, Outputs } = templates.get(name)?.toJSON() ?? {};
    const shown = { Resources: Object.fromEntries(Object.entries<Resource>(Resources).map(masked)), Outputs };
    await expect(unversioned(`${JSON.stringify(shown, null, 1)}\n`)).toMatchFileSnapshot(`snapshots/${name}.snap`);
  },
);
