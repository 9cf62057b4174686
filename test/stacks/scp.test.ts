import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { ROOT } from '../../lib/bundles.ts';
import { readConfig } from '../../lib/config.ts';
import { listOf, resourcesOf, statementsOf, templatesOf } from '../support/stacks.ts';

const Scp = z.object({
  Statement: z.tuple([
    z.object({
      Effect: z.literal('Deny'),
      Action: z.array(z.string()),
      Condition: z.object({ ArnNotLike: z.object({ 'aws:PrincipalArn': z.string() }) }),
    }),
  ]),
});
const [deny] = Scp.parse(JSON.parse(readFileSync(join(ROOT, 'docs/scp.json'), 'utf8'))).Statement;

/** As IAM compares ARNs: case counts, `*` is anything. */
const spared = new RegExp(`^${deny.Condition.ArnNotLike['aws:PrincipalArn'].replaceAll('*', '.*')}$`);

it('the shipped SCP denies every way to command a host', () => {
  for (const verb of ['SendCommand', 'StartSession', 'CreateAssociation', 'StartAutomationExecution']) {
    expect(deny.Action).toContain(`ssm:${verb}`);
  }
});

it('and spares the roles of the plane that send commands, by the names that CloudFormation gives them', () => {
  const templates = templatesOf();
  const { installation } = readConfig({ installation: 'test' });
  const senders = statementsOf(templates).filter(([, { Action }]) => listOf(Action).includes('ssm:SendCommand'));
  expect(senders.length).toBeGreaterThan(5);
  // A role without a name of its own is called <stack>-<logical id>-<random>.
  for (const [id, { Properties }] of resourcesOf(templates, 'AWS::IAM::Role')) {
    expect(Properties.RoleName, id).toBeUndefined();
    const [stack = '', logicalId = ''] = id.split('/');
    const arn = `arn:aws:iam::123456789012:role/NovaCron-${installation}-${stack}-${logicalId}-AAAA`;
    expect(spared.test(arn), arn).toBe(true);
  }
  expect(spared.test('arn:aws:iam::123456789012:role/Administrator')).toBe(false);
});
