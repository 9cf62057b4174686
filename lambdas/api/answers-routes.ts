import { acknowledgeByLink, showAnswer } from './answer-link.ts';
import { answerFromSlack } from './answer-slack.ts';
import type { Route } from './route.ts';

/** What people answer from the messages in which they were told. */
export const ANSWERS: readonly Route[] = [showAnswer, acknowledgeByLink, answerFromSlack];
