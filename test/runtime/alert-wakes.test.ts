import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { GroupDue, groupDueEvent, groupsDue, wake } from '../../lambdas/runtime/alert-wakes.ts';

const NOW = Date.parse('2026-11-25T10:00:00.000Z');
const sqs = mockClient(SQSClient);
let sent: { readonly due: GroupDue; readonly delay: number }[] = [];
beforeEach(() => {
  sent = [];
  sqs.reset();
  sqs.on(SendMessageBatchCommand).callsFake(({ Entries = [] }) => {
    for (const { MessageBody = '', DelaySeconds = 0 } of Entries)
      sent.push({ due: GroupDue.parse(JSON.parse(MessageBody)), delay: DelaySeconds });
    return { Successful: [], Failed: [] };
  });
});

const due = (id: string, afterMs: number, project = 'default') => ({ group: { id, project }, at: NOW + afterMs });
const words = () =>
  sent.map(({ due: one, delay }) => [delay, one.project, ...groupsDue(one).map(({ id }) => id)].join(' '));

describe('groups that are due', () => {
  it('are told of together where they are of one project and one second', async () => {
    await wake(
      [due('a', 0), due('b', -5_000), due('c', 1_200), due('d', 1_900), due('e', 0, 'shop'), due('f', 61_000)],
      NOW,
    );
    expect(words()).toEqual(['0 default a b', '2 default c d', '0 shop e']);
  });

  it('are fifty a message, each once', async () => {
    const ids = Array.from({ length: 120 }, (_, index) => `g-${index}`);
    await wake(
      [...ids, 'g-0'].map((id) => due(id, 0)),
      NOW,
    );
    expect(sent.map((each) => groupsDue(each.due).length)).toEqual([50, 50, 20]);
    expect(sent.flatMap((each) => groupsDue(each.due).map(({ id }) => id))).toEqual(ids);
  });

  it('are one in a message of before there were others', () => {
    const old = GroupDue.parse({ alertGroupId: 'a', project: 'default' });
    expect(groupsDue(old)).toEqual([{ project: 'default', id: 'a' }]);
    expect(groupDueEvent(old, NOW)).toMatchObject({ id: `default:a:${NOW}`, detail: { alertGroupId: 'a' } });
  });
});
