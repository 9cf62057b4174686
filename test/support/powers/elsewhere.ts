/** Actions of a policy that need not be seen among the calls made on the embedded AWS and in the simulated world, why, and what proves them instead. */
export interface Elsewhere {
  /** Functions, by their paths with `-` for `/`. */
  readonly of: RegExp;
  readonly actions: readonly string[];
  /** Of the statement, where only such a resource is meant. */
  readonly on?: RegExp;
  /** `never`: AWS alone makes it, and the test fails where it is seen. `seldom`: the code makes it where something rare happens. */
  readonly seen: 'never' | 'seldom';
  readonly because: string;
  /** File and title of a test that makes the call, or holds what it is for. */
  readonly proof: readonly [file: string, title: string];
}

const WIRING = ['test/stacks/wiring.test.ts', ''] as const;
const LAUNCH = 'test/providers/ec2/launch.test.ts';

/** Made by AWS itself under the function's role. */
const BY_AWS: readonly Elsewhere[] = [
  {
    of: /./,
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
    seen: 'never',
    because: 'Lambda writes log and traces; the embedded one under no role',
    proof: WIRING,
  },
  {
    // What hears of groups of alerts reads no queue by a poller: it has dead letters moved itself.
    of: /^(events|alerting)-(?!group-due$)/,
    actions: [
      ...['ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility', 'GetQueueUrl', 'GetQueueAttributes'].map(
        (action) => `sqs:${action}`,
      ),
      ...['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map((action) => `dynamodb:${action}`),
      ...['Decrypt', 'DescribeKey'].map((action) => `kms:${action}`),
    ],
    seen: 'never',
    because:
      "Lambda's pollers read queues and streams and open what they hold (CDK's grants); the embedded ones under no role",
    proof: WIRING,
  },
  {
    of: /./,
    actions: ['sqs:SendMessage'],
    on: /DeadLetters/,
    seen: 'never',
    because: 'Lambda sends what failed for good',
    proof: WIRING,
  },
  {
    of: /^schedules-sign-audit$/,
    actions: ['kms:Encrypt', 'kms:Decrypt'],
    seen: 'never',
    because: 'Systems Manager asks KMS for a SecureString; the embedded one encrypts by no key',
    proof: ['test/stacks/access.test.ts', 'lets one function sign, and gives its key to nobody else'],
  },
  {
    of: /^(api-(answers|channels)|alerting-group-due)$/,
    actions: ['kms:Decrypt'],
    seen: 'never',
    because: 'Systems Manager asks KMS for the SecureString of a receiver; the embedded one encrypts by no key',
    proof: [
      'test/stacks/access.test.ts',
      'lets three functions read the secrets of receivers, the one that tells, the one that tries and the one that Slack speaks to',
    ],
  },
  {
    of: /^api-hosts$/,
    actions: ['ssm:AddTagsToResource'],
    seen: 'never',
    because: 'AWS asks for it where CreateActivation brings tags; the embedded one does not',
    proof: ['test/providers/kvm/enrol.test.ts', 'is for one machine, one hour, and marked with the host'],
  },
];

/** Made where a step, a launch or a wait does not go its usual way. */
const WHERE_IT_GOES_WRONG: readonly Elsewhere[] = [
  {
    of: /^steps-/,
    actions: ['states:SendTaskFailure'],
    seen: 'seldom',
    because: 'any step fails its task by the name of a fault',
    proof: ['test/steps/life.test.ts', 'does nothing at its provider when it is cancelled before it begins'],
  },
  {
    of: /./,
    actions: ['dynamodb:GetItem'],
    seen: 'seldom',
    because: 'the answer of a write was lost: the row is looked at before it is called a conflict',
    proof: ['test/support/table-contract.ts', 'takes the repeat of a write whose answer was lost for that write'],
  },
  {
    of: /^steps-(reboot|remove)-vm$|^events-instances-asked$/,
    actions: ['ec2:DescribeInstances'],
    seen: 'seldom',
    because: 'EC2 refuses, and whether the instance is gone decides what that means',
    proof: ['test/providers/ec2/carry-out.test.ts', 'a termination of what is gone is done'],
  },
  {
    of: /^steps-launch-vm$|^events-instances-asked$/,
    actions: ['ec2:DescribeLaunchTemplateVersions'],
    seen: 'seldom',
    because: 'a launch template is named',
    proof: ['test/providers/ec2/launch-template.test.ts', 'takes one that says nothing of image and disks'],
  },
  {
    of: /^schedules-run-schedules$/,
    actions: ['dynamodb:UpdateItem'],
    seen: 'seldom',
    because: 'its project has a bound of operations a minute, in which those of a schedule count',
    proof: [
      'test/schedules/run-schedules.test.ts',
      'keeps to the operations a minute that its project may begin, and goes on in the next',
    ],
  },
  {
    of: /^api-report$/,
    actions: ['states:SendTaskFailure'],
    seen: 'seldom',
    because: 'a host tells that what it was to fetch cannot be used',
    proof: ['test/runtime/apply-report.test.ts', 'of a fault fails the task by its name'],
  },
  {
    of: /^events-(instances-asked|command-finished|look-again)$/,
    actions: ['states:SendTaskFailure'],
    seen: 'seldom',
    because: 'a provider tells that what it was asked has failed',
    proof: ['test/events/listeners.test.ts', 'fails the task by the fault the host named'],
  },
  {
    of: /^events-instances-asked$/,
    actions: ['dynamodb:PutItem'],
    seen: 'seldom',
    because: 'a launch was put off: its VM learns its id, or its step that it waits',
    proof: [
      'test/events/instances-asked.test.ts',
      'a launch is taken up by the same attempt, and its VM learns its id',
    ],
  },
  {
    of: /^steps-await-ready$/,
    actions: ['states:SendTaskSuccess'],
    seen: 'seldom',
    because: 'the host has told of readiness before the step looks',
    proof: ['test/steps/await-ready.test.ts', 'passes with what the host has told already'],
  },
  {
    of: /^schedules-sweep-operations$/,
    actions: ['states:StartExecution', 'states:DescribeExecution'],
    seen: 'seldom',
    because: 'the stream did not start an operation, or its workflow ended without a record',
    proof: ['test/schedules/sweep-operations.test.ts', 'starts what the stream did not start'],
  },
  {
    of: /^events-execution-ended$/,
    actions: ['dynamodb:PutItem', 'states:StartExecution'],
    seen: 'seldom',
    because: 'an execution ends without its record',
    proof: ['test/steps/life.test.ts', 'an execution that ended without a record'],
  },
  {
    of: /^steps-launch-vm$|^events-instances-asked$/,
    actions: ['sqs:SendMessage', 'ec2:RunInstances', 'ec2:CreateTags', 'ec2:DescribeImages', 'ssm:GetParameter'],
    seen: 'seldom',
    because: 'a launch that EC2 refuses for haste is put off, and made later by the listener',
    proof: [LAUNCH, 'is put off where EC2 takes no more launches just now'],
  },
  {
    of: /^steps-launch-vm$/,
    actions: ['ec2:TerminateInstances', 'states:SendTaskSuccess'],
    seen: 'seldom',
    because: 'an earlier try has launched already: one stays, doubles go',
    proof: [LAUNCH, 'keeps the earliest of several and ends the others'],
  },
  {
    of: /^steps-launch-vm$|^events-instances-asked$/,
    actions: ['s3:GetObject'],
    seen: 'seldom',
    because: 'a VM has user-data',
    proof: [LAUNCH, 'hands the user-data on, out of the object that it waits in'],
  },
  {
    of: /^steps-record-outcome$/,
    actions: ['s3:DeleteObject'],
    seen: 'seldom',
    because: 'a VM had user-data',
    proof: ['test/steps/record-outcome.test.ts', 'deletes the user-data of a create that'],
  },
  {
    of: /^events-instances-asked$|^steps-undo-operation$/,
    actions: ['ec2:ModifyInstanceAttribute'],
    seen: 'seldom',
    because: 'a protection that we put on is taken off, once the row has it off',
    proof: ['test/providers/ec2/carry-out.test.ts', 'the protection that we put on is taken off'],
  },
  {
    of: /^steps-remove-vm$/,
    actions: ['states:SendTaskSuccess'],
    seen: 'seldom',
    because: 'a VM without an instance is removed already',
    proof: [
      'test/providers/ec2/provider.test.ts',
      'a row without an id is removed by its tag, and is gone where nothing carries it',
    ],
  },
];

/** Made by timed jobs and by requests that few suites make. */
const NOW_AND_THEN: readonly Elsewhere[] = [
  {
    of: /^schedules-collect-leftovers$/,
    actions: [
      ...['BatchGetItem', 'DescribeTable', 'PutItem', 'Query'].map((action) => `dynamodb:${action}`),
      ...['DescribeInstances', 'TerminateInstances', 'ModifyInstanceAttribute'].map((action) => `ec2:${action}`),
      'ssm:SendCommand',
    ],
    seen: 'seldom',
    because: 'a failed create has left something behind',
    proof: ['test/schedules/audit-installation.test.ts', 'takes what a failed create left, by the provider’s own undo'],
  },
  {
    of: /^schedules-sweep-operations$/,
    actions: [
      'ec2:DescribeInstances',
      ...['GetItem', 'BatchGetItem', 'DeleteItem', 'UpdateItem'].map((action) => `dynamodb:${action}`),
    ],
    seen: 'seldom',
    because: 'an operation has ended well and its record is lost: the table was restored',
    proof: ['test/faults/restored-table.test.ts', 'a table restored to ten minutes ago adopts what is so'],
  },
  {
    of: /^steps-prepare-host$/,
    actions: [
      ...['PutItem', 'DeleteItem', 'BatchGetItem', 'Query'].map((action) => `dynamodb:${action}`),
      ...['DescribeInstanceInformation', 'SendCommand', 'DeregisterManagedInstance'].map((action) => `ssm:${action}`),
      'states:SendTaskSuccess',
    ],
    seen: 'seldom',
    because: 'a host is taken in anew',
    proof: ['test/faults/taken-anew.test.ts', 'is what it must be, wherever a handler dies'],
  },
  {
    of: /^schedules-sweep-operations$|^events-look-again$|^steps-prepare-host$/,
    actions: ['dynamodb:PutItem', 'ssm:SendCommand', 'states:SendTaskSuccess', 'states:SendTaskFailure'],
    seen: 'seldom',
    because: 'whichever of them sees first that a host has registered enrols it',
    proof: ['test/local/hosts.test.ts', 'tell which version of the unit runs on them'],
  },
  {
    of: /^api-hosts$|^schedules-tend-hosts$/,
    actions: ['dynamodb:PutItem', 'dynamodb:DeleteItem', 'ssm:DeregisterManagedInstance', 'ssm:SendCommand'],
    seen: 'seldom',
    because: 'a host leaves, comes back, or gets a newer unit',
    proof: ['test/local/hosts.test.ts', 'are retired while they are empty, lose their unit and node'],
  },
  {
    of: /^schedules-reclaim-retained$/,
    actions: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem'],
    seen: 'seldom',
    because: 'the days of a deleted VM’s disks are over',
    proof: ['test/steps/life.test.ts', 'purges what a deleted VM left, once its time is over and never before'],
  },
  {
    of: /^schedules-reclaim-retained$/,
    actions: ['dynamodb:DeleteItem', 'dynamodb:Scan', 's3:DeleteObject'],
    seen: 'seldom',
    because: 'a project was deleted more than an hour ago',
    proof: ['test/faults/erasure/erasure.test.ts', 'leaves nothing but its id and its audit chain'],
  },
  {
    of: /^schedules-audit-installation$|^alerting-audit-finding$/,
    actions: ['events:PutEvents', 'sns:Publish'],
    seen: 'seldom',
    because: 'an audit has found something',
    proof: ['test/schedules/audit-installation.test.ts', 'tells of a finding once, by its own event'],
  },
  {
    of: /^api-answers$/,
    actions: ['ssm:GetParameter', 'sqs:SendMessage'],
    seen: 'seldom',
    because: 'a button below a message of Slack is pressed',
    proof: ['test/alerting/slack-bot.test.ts', 'takes on what fires, says by whom, and changes the message'],
  },
  {
    of: /^alerting-group-due$|^api-channels$/,
    actions: ['ssm:GetParameter'],
    seen: 'seldom',
    because: 'a receiver of a routing has a secret',
    proof: ['test/alerting/receivers.test.ts', 'is read once in five minutes, and anew after a refusal'],
  },
  {
    of: /^alerting-group-due$|^api-channels$/,
    actions: ['ses:SendEmail', 'ses:SendRawEmail'],
    seen: 'seldom',
    because: 'a receiver of a routing is mailed',
    proof: ['test/alerting/mail.test.ts', 'is tried by channel test'],
  },
  {
    of: /^alerting-group-due$|^api-channels$/,
    actions: ['sns:Publish', 'events:PutEvents'],
    seen: 'seldom',
    because: 'a receiver is a topic, a telephone or a bus that the settings name',
    proof: [
      'test/alerting/aws-receivers.test.ts',
      'is put an event that has the body of a webhook, and says whose it is',
    ],
  },
  {
    of: /^schedules-compact-samples$/,
    actions: ['dynamodb:PutItem', 'dynamodb:DeleteItem'],
    seen: 'seldom',
    because: 'an hour is over in which something was measured',
    proof: [
      'test/api/metrics.test.ts',
      'it is told as before from a row of each VM, also when what hosts sent is gone',
    ],
  },
  {
    of: /^schedules-run-schedules$|^events-look-again$/,
    actions: ['sqs:SendMessage', 'events:PutEvents'],
    seen: 'seldom',
    because: 'a delay in the order of a schedule ends within the minute',
    proof: ['test/schedules/schedule-order.test.ts', 'ends a delay on its second'],
  },
  {
    of: /^alerting-(operation-failed|audit-finding|schedule-missed|calendar-down)$/,
    actions: ['dynamodb:BatchGetItem', 'dynamodb:PutItem'],
    seen: 'seldom',
    because: 'its project has a routing of its own, and what has happened is an alert by it',
    proof: ['test/alerting/own-events.test.ts', 'is an alert where somebody has, with what routes and silences go by'],
  },
  {
    of: /^alerting-(audit-finding|calendar-down)$/,
    actions: ['dynamodb:Query'],
    seen: 'seldom',
    because: 'the audit finds something, or a feed was down for a day: the rules of that event are asked for',
    proof: ['test/alerting/own-events.test.ts', 'is told as the rule of its event has it, as a notice, too'],
  },
  {
    of: /^alerting-silence-due$/,
    actions: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:BatchGetItem', 'dynamodb:PutItem', 'sqs:SendMessage'],
    seen: 'seldom',
    because: 'a silence of an hour or more is near its end',
    proof: [
      'test/alerting/silences-told.test.ts',
      'people are told, once, which alerts will be heard again, by whom it was made and how to go on',
    ],
  },
  {
    of: /^alerting-condition-changed$/,
    actions: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:BatchGetItem', 'dynamodb:PutItem', 'sqs:SendMessage'],
    seen: 'seldom',
    because: 'a host falls silent, or a VM is lost, crashes, or is down against its plan',
    proof: [
      'test/alerting/own-states.test.ts',
      'is an alert from the first minute, to all channels, until it speaks again',
    ],
  },
  {
    of: /^alerting-rules-due$/,
    actions: ['dynamodb:PutItem', 'sqs:SendMessage'],
    seen: 'seldom',
    because:
      'an alert begins or ends between two samples, or a rule that is made of others does: what samples change is written as they come',
    proof: [
      'test/faults/rules-in-time.test.ts',
      'a host that has been silent for half a minute, whenever it was heard last',
    ],
  },
  {
    of: /^schedules-sweep-operations$/,
    actions: ['events:PutEvents'],
    seen: 'seldom',
    because: 'an alert of the plane’s own is open',
    proof: [
      'test/schedules/sweep-operations.test.ts',
      'has the plane’s own alerts looked at while any is open, and asks for nothing while none is',
    ],
  },
  {
    of: /^schedules-refresh-calendars$/,
    actions: ['events:PutEvents'],
    seen: 'seldom',
    because: 'a feed has been down for a day',
    proof: ['test/schedules/refresh-calendars.test.ts', 'is told of once it has been down for a day, once an outage'],
  },
  {
    of: /^api-(reach|report)$|^schedules-reconcile$|^steps-record-outcome$|^events-look-again$/,
    actions: ['dynamodb:UpdateItem'],
    seen: 'seldom',
    because: 'a VM of a project comes back, or is gone: its project counts it',
    proof: ['test/api/quotas.test.ts', 'counts a VM that comes back from the dead'],
  },
  {
    of: /^api-(reach|report)$|^schedules-reconcile$|^events-look-again$/,
    actions: ['dynamodb:DeleteItem'],
    seen: 'seldom',
    because: 'a stranger is gone at its provider',
    proof: ['test/store/vms.test.ts', 'forgets a stranger that is gone'],
  },
  {
    of: /^api-/,
    actions: ['dynamodb:UpdateItem'],
    on: /Telemetry/,
    seen: 'seldom',
    because: 'somebody asks more than costs nothing to allow: it is counted for all functions together',
    proof: ['test/api/limits.test.ts', 'give one principal together what is one principal’s'],
  },
  {
    of: /^api-(read|audit)$/,
    actions: ['dynamodb:PutItem'],
    seen: 'seldom',
    because: 'the first list of an installation that has a second page makes the key that signs cursors',
    proof: ['test/api/list.test.ts', 'takes no cursor of another filter, list or maker'],
  },
  {
    of: /^api-write$/,
    actions: ['s3:PutObject'],
    seen: 'seldom',
    because: 'a VM has user-data',
    proof: ['test/runtime/user-data.test.ts', 'puts the text as it is, signed with its digest'],
  },
  {
    of: /^api-reach$/,
    actions: ['ssm:SendCommand', 'events:PutEvents'],
    seen: 'seldom',
    because: 'somebody reads a console, or asks for an audit',
    proof: ['test/local/terminal.test.ts', 'shows the serial console and the events'],
  },
];

/** Each action here has its reason and a test of its own; all others must be seen. */
export const ELSEWHERE: readonly Elsewhere[] = [...BY_AWS, ...WHERE_IT_GOES_WRONG, ...NOW_AND_THEN];
