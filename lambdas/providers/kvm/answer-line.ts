import { createHash } from 'node:crypto';
import { Fault } from '../../domain/faults.ts';
import { HostAnswer } from '../../domain/report.ts';

/** First word of the one line that a document prints: format and version. */
const PREFIX = 'NOVACRON1 ';

const LINE = /^NOVACRON1 (\d{1,6}) ([0-9a-f]{64}) (\{.*\})$/;

const garbled = (why: string, stdout: string): Fault =>
  new Fault('CommandGarbled', `The host's answer cannot be trusted: ${why}. It ends with: ${stdout.slice(-200)}`);

/** The JSON between length and digest, once both agree with it. */
const provenJson = (stdout: string): string => {
  const lines = stdout.split('\n').filter((line) => line.trim() !== '');
  const answers = lines.filter((line) => line.startsWith(PREFIX));
  if (answers.length !== 1) throw garbled(`it has ${answers.length} answer lines, not one`, stdout);
  const [, length, digest, json] = lines.at(-1)?.match(LINE) ?? [];
  if (json === undefined) throw garbled('its last line is no answer line', stdout);
  if (Buffer.byteLength(json) !== Number(length)) throw garbled(`it is not ${length} bytes long`, stdout);
  if (createHash('sha256').update(json).digest('hex') !== digest) throw garbled('its digest differs', stdout);
  return json;
};

const parsed = (json: string, stdout: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    throw garbled('it is not JSON', stdout);
  }
};

/**
 * Reads `NOVACRON1 <bytes> <sha256> <json>`, the last line of a document's output. SSM cuts output at 24,000 characters
 * and hosts print what they like, so nothing short of an exact match counts.
 * @throws CommandGarbled
 */
export const answerOfOutput = (stdout: string): HostAnswer => {
  const answer = HostAnswer.safeParse(parsed(provenJson(stdout), stdout));
  if (!answer.success) throw garbled('it has not the shape of an answer', stdout);
  return answer.data;
};
