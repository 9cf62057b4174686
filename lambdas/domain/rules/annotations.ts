import { type LabelSet, labelOf } from '../alerts/labels.ts';

/** Annotations with what is known in their places: two of Prometheus' expressions, read by hand, and no template engine. */

const PLACES = /\{\{ *(?:\$(value)|\$labels\.([a-zA-Z_][a-zA-Z0-9_]*)) *\}\}/g;

/** Whether a text has no other braces than places. */
export const isTemplate = (text: string): boolean => !/\{\{|\}\}/.test(text.replace(PLACES, ''));

/** A value as people read it. */
const valueText = (value: number): string => String(Number(value.toPrecision(4)));

/** The text of an annotation. A label that is missing is the empty text, and a value that is not known a question mark. */
export const filled = (text: string, labels: LabelSet, value: number | undefined): string =>
  text.replace(PLACES, (_, isValue: string | undefined, label: string) => {
    if (isValue === undefined) return labelOf(labels, label);
    return value === undefined ? '?' : valueText(value);
  });
