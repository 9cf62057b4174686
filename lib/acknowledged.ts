import { CfnResource, Stack, Validations } from 'aws-cdk-lib';
import { rules } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { STAR_ACTIONS } from './star-actions.ts';

/** A rule of cdk-nag that we do not follow, why, and where: a finding anywhere else fails the synthesis. */
interface Acknowledged {
  readonly rule: string;
  readonly reason: string;
  /** The named set: the ends of construct paths. */
  readonly at: RegExp;
  /** For a rule that reports several findings a resource: those of them that the reason covers. */
  readonly findings?: (node: CfnResource) => string[];
}

/** Few; test/stacks counts them by pack. */
export const ACKNOWLEDGED: readonly Acknowledged[] = [
  {
    rule: 'AwsSolutions-IAM5',
    reason: 'These calls know no resources (lib/star-actions.ts names each); nothing else is allowed on *.',
    at: /Policy\/Resource$/,
    findings: (node) => (starActionsOf(node).every((action) => STAR_ACTIONS.has(action)) ? ['Resource::*'] : []),
  },
  {
    rule: 'AwsSolutions-IAM5',
    reason:
      "The id is not known when this is deployed. What is ours is bound by tag conditions in the same statement or by its prefix; what is AWS's or the user's (image, subnet, key pair, public parameter) is only referred to.",
    at: /^(Api|Operations|Alerts)\/(Api|Steps|Events|Schedules|Alerting)\w+Base\/Role\/DefaultPolicy\/Resource$/,
    findings: (node) =>
      wildcardsOf(node).filter((finding) =>
        /:(instance|volume|managed-instance|subnet|network-interface|security-group|key-pair|launch-template|image|snapshot)\/\*$|:parameter\/aws\/service\/\*$|:parameter\/novacron\/[a-z0-9-]+\/receivers\/\*\/\*$|\/(user-data|heads|keys)\/\*$|:execution:[a-z0-9-]+:\*$/.test(
          finding,
        ),
      ),
  },
  {
    rule: 'AwsSolutions-APIG4',
    reason:
      'Our middleware authenticates each call (JWT or API token), so that every refusal is problem+json; /v1/token alone is IAM.',
    at: /^Api\/Api\/(GET|ANY|POST|PATCH|DELETE)--(v1|api--v2)--.*\/Resource$|^Api\/Api\/GET--metrics\/Resource$|^Api\/Default\/Resource$/,
  },
  {
    rule: 'AwsSolutions-COG2',
    reason: 'MFA is offered to everybody; an installation that must enforce it brings its own issuer (oidcIssuer).',
    at: /^Api\/Issuer\/People\/Resource$/,
  },
  {
    rule: 'AwsSolutions-COG8',
    reason: 'The Plus plan charges for each user and its threat protection watches hosted pages, which are not used.',
    at: /^Api\/Issuer\/People\/Resource$/,
  },
  {
    rule: 'AwsSolutions-S1',
    reason:
      'The buckets hold user-data for the minute between request and launch, and heads that are signed; few functions read them.',
    at: /^State\/(Handover|AuditHeads)\/Resource$/,
  },
  {
    rule: 'AwsSolutions-SQS3',
    reason: 'It is a dead-letter queue itself, of an EventBridge rule.',
    at: /^Region-[a-z0-9-]+\/DeadLetters\/Resource$/,
  },
  {
    rule: 'Serverless-SQSRedrivePolicy',
    reason: 'It is a dead-letter queue itself; an alarm says when anything lies in it.',
    at: /\/(DeadLetters|Unsent)\/Resource$/,
  },
  {
    rule: 'Serverless-LambdaDLQ',
    reason: 'It is never invoked asynchronously: API Gateway or a state machine waits for its answer.',
    at: /^Api\/Api(Read|Write|Projects|Report|Hosts|Reach|Audit|Schedules|Previews|Calendars|Windows|Alerts|Ingest|Metrics|Rules|Channels|Silences|Answers)\/Resource$|^Operations\/Steps\w+\/Resource$/,
  },
  {
    rule: 'Serverless-LambdaTracing',
    reason:
      'It is called by clocks and by hosts each few seconds: a trace of each call would be most of what an installation costs, and its traces are passed through where a traced caller is behind it.',
    at: /^Api\/Api(Report|Ingest)\/Resource$|^Operations\/(Events(BeatMissed|ExportDue|TotalsDue)|Schedules\w+)\/Resource$/,
  },
  {
    rule: 'Serverless-LambdaEventSourceMappingDestination',
    reason: 'An SQS source takes no failure destination; the queue has its redrive policy.',
    at: /\/SqsEventSource:\w+\/Resource$/,
  },
];

/** Acknowledges each rule at its named set, and nowhere else. Call it once the app is composed. */
export const acknowledge = (app: IConstruct): void => {
  for (const node of app.node.findAll()) {
    if (!CfnResource.isCfnResource(node)) continue;
    for (const { rule, reason, at, findings } of ACKNOWLEDGED) {
      if (!at.test(node.node.path)) continue;
      const ids = findings ? findings(node).map((finding) => `${rule}[${finding}]`) : [rule];
      for (const id of ids) Validations.of(node).acknowledge({ id, reason });
    }
  }
};

/** What cdk-nag finds in a policy. */
const wildcardsOf = (node: CfnResource): string[] => {
  const result = rules.iam.IAMNoWildcardPermissions(node);
  return Array.isArray(result) ? result : [];
};

interface PolicyShape {
  readonly PolicyDocument?: {
    readonly Statement?: readonly { readonly Action: unknown; readonly Resource: unknown }[];
  };
}

/** The actions that a policy allows on `*`. */
const starActionsOf = (node: CfnResource): string[] => {
  // CDK types the rendered template as any.
  const { Resources } = Stack.of(node).resolve(node._toCloudFormation()) as {
    Resources: Record<string, { Properties: PolicyShape }>;
  };
  return Object.values(Resources)
    .flatMap(({ Properties }) => Properties.PolicyDocument?.Statement ?? [])
    .filter(({ Resource }) => [Resource].flat().includes('*'))
    .flatMap(({ Action }) => [Action].flat().map(String));
};
