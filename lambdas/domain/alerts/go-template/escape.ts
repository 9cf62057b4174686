/** Texts made fit for HTML, JavaScript and queries as Go does it. */

const HTML: Readonly<Record<string, string>> = {
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '\0': '\ufffd',
};

export const htmlEscaped = (text: string): string => text.replace(/["'&<>\0]/g, (character) => HTML[character] ?? '');

const JS: Readonly<Record<string, string>> = { '\\': '\\\\', "'": "\\'", '"': '\\"' };

const JS_UNSAFE = /[\\'"<>&=]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

const jsUnit = (rune: string): string =>
  JS[rune] ?? `\\u${(rune.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

export const jsEscaped = (text: string): string => text.replace(JS_UNSAFE, jsUnit);

/** As `url.QueryEscape`. */
export const queryEscaped = (text: string): string =>
  encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
