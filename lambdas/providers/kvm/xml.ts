import { XMLBuilder } from 'fast-xml-parser';

/** One node in the shape fast-xml-parser calls `preserveOrder`: the only way it keeps siblings of different names in order. */
export type XmlNode = { readonly [tag: string]: readonly XmlNode[] | string | Readonly<Record<string, string>> };

type Attributes = Readonly<Record<string, string | number>>;

const builder = new XMLBuilder({
  preserveOrder: true,
  ignoreAttributes: false,
  suppressEmptyNode: true,
  suppressBooleanAttributes: false,
  format: true,
});

/** An element with its attributes and children; a string child is text. */
export const element = (
  tag: string,
  attributes: Attributes = {},
  ...children: readonly (XmlNode | string)[]
): XmlNode => ({
  [tag]: children.map((child): XmlNode => (typeof child === 'string' ? { '#text': child } : child)),
  ':@': Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`@_${name}`, String(value)])),
});

/** The document's text; every value is escaped, so text stays text. */
export const documentOf = (root: XmlNode): string => builder.build([root]).trimStart();
