import { type AwsSpec, type DirectSpec, isAws } from '../../domain/alerts/routing-row.ts';
import type { SlackThread } from '../../domain/alerts/slack-bot.ts';
import { callAws } from './aws.ts';
import { tellBus } from './bus.ts';
import { emailCall } from './email.ts';
import { tellBySlackBot } from './slack-bot.ts';
import { smsCall, topicCall } from './sns.ts';
import { tellByRequest, type Word } from './word.ts';

const tellByAws = async (spec: AwsSpec, word: Word): Promise<void> => {
  switch (spec.kind) {
    case 'email':
      await callAws(emailCall(spec, word));
      return;
    case 'sns':
      await callAws(topicCall(spec, word));
      return;
    case 'sms':
      await callAws(smsCall(spec, word));
      return;
    case 'eventbridge':
      await tellBus(spec, word);
  }
};

/** Tells a receiver its word by itself. @returns the message that is changed in place from now on. @throws NotTold where it did not take it */
export const tellReceiver = async (spec: DirectSpec, word: Word): Promise<SlackThread | undefined> => {
  if (spec.kind === 'slack-bot') return tellBySlackBot(spec, word);
  await (isAws(spec) ? tellByAws(spec, word) : tellByRequest(spec, word));
  return undefined;
};
