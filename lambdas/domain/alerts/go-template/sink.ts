import { Misuse } from './error.ts';
import { printed } from './printf.ts';
import type { Value } from './values.ts';

/** Where what a template says goes. */
export interface Sink {
  /** Takes what stands in the template itself. */
  readonly write: (text: string) => void;
  /** Takes what a value comes to. @throws Misuse where it has no place */
  readonly print: (value: Value) => void;
  readonly said: () => string;
}

/** How long a text may become, in UTF-16 units. */
export const LONGEST = 262_144;

/** Collects texts. @throws Misuse where there are too many */
export const collected = (): { readonly add: (text: string) => void; readonly said: () => string } => {
  const parts: string[] = [];
  let length = 0;
  return {
    add: (text) => {
      length += text.length;
      if (length > LONGEST) throw new Misuse(`it becomes longer than ${LONGEST} characters`);
      parts.push(text);
    },
    said: () => parts.join(''),
  };
};

/** Everything as it is. */
export const textSink = (): Sink => {
  const { add, said } = collected();
  return { write: add, print: (value) => add(value === undefined ? '<no value>' : printed(value)), said };
};
