import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Aws, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnInstanceProfile, CompositePrincipal, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { ROOT } from './bundles.ts';
import type { Config } from './config.ts';
import { CommandDocument } from './constructs/command-document.ts';
import { documentFill } from './document-fill.ts';
import { allow } from './grants.ts';
import { pascal } from './names.ts';

export interface HostsStackProps extends StackProps {
  readonly config: Config;
}

/** What KVM hosts need of the plane: the role their agents run under, and the documents they obey. */
export class HostsStack extends Stack {
  readonly nodeRole: Role;
  /** Of the host unit that the documents carry. */
  readonly unitVersion: string;

  constructor(scope: Construct, id: string, { config, ...props }: HostsStackProps) {
    super(scope, id, {
      description: `NovaCron ${config.installation}: documents and node role of its hosts`,
      ...props,
    });
    this.nodeRole = nodeRole(this);
    const profile = new CfnInstanceProfile(this, 'NodeProfile', { roles: [this.nodeRole.roleName] });
    const fill = documentFill(config.installation);
    this.unitVersion = fill.UnitVersion;
    for (const verb of verbs()) {
      new CommandDocument(this, pascal(verb), { installation: config.installation, verb, fill });
    }
    new CfnOutput(this, 'NodeRoleName', { value: this.nodeRole.roleName });
    new CfnOutput(this, 'NodeInstanceProfileName', { value: profile.ref });
  }
}

/** The verbs: each document's file stem. */
export const verbs = (): string[] =>
  readdirSync(join(ROOT, 'ssm-documents'))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.replace('.yaml', ''))
    .sort();

/** What the agent itself needs, and nothing of AmazonSSMManagedInstanceCore's parameters, packages and inventory. */
const nodeRole = (stack: Stack): Role => {
  const role = new Role(stack, 'NodeRole', {
    description: 'Of the SSM agent on KVM hosts',
    assumedBy: new CompositePrincipal(
      new ServicePrincipal('ssm.amazonaws.com').withConditions({
        StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
        ArnEquals: { 'aws:SourceArn': `arn:${Aws.PARTITION}:ssm:${Aws.REGION}:${Aws.ACCOUNT_ID}:*` },
      }),
      new ServicePrincipal('ec2.amazonaws.com'),
    ),
  });
  role.addToPolicy(
    allow(
      [
        'ssm:UpdateInstanceInformation',
        'ssm:ListInstanceAssociations',
        'ssmmessages:CreateControlChannel',
        'ssmmessages:CreateDataChannel',
        'ssmmessages:OpenControlChannel',
        'ssmmessages:OpenDataChannel',
        'ec2messages:AcknowledgeMessage',
        'ec2messages:DeleteMessage',
        'ec2messages:FailMessage',
        'ec2messages:GetEndpoint',
        'ec2messages:GetMessages',
        'ec2messages:SendReply',
      ],
      ['*'],
    ),
  );
  return role;
};
